"""What the browser sends is stored by a real Sentry-compatible server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.programs.bugsink import Bugsink
from tests.programs.frontend import frontend_folder
from tests.stack import browser

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

# `infer_ip` in it forbids the server to keep the visitor's address; the schema that this server has is older.
_UNKNOWN_TO_ITS_SCHEMA = "$.sdk: Additional properties are not allowed ('settings' was unexpected)"


def test_a_real_server_stores_the_test_error(tmp_path: Path) -> None:
    """The test button's error is stored within the guide's 30 s, with its message, route, frames and trace."""
    with Bugsink(tmp_path / "bugsink", validate="warn") as bugsink:
        ingest = browser.Ingest(behind=bugsink.dsn)
        policy = browser.content_security_policy(ingest.dsn)
        root = frontend_folder() / "page" / "dist"
        with ingest.server, browser.page_server(root, "http://127.0.0.1:9", ingest.dsn, policy) as site:
            browser.run_node(["errors.mjs"], {"url": site.url})
            sent = {event["event_id"]: event for event in ingest.items("event")}
            bugsink.wait_for(set(sent), timeout=30)
            stored = {event["event_id"].replace("-", ""): event for event in bugsink.events()}
    complaints = re.findall(
        r"event data validation failed: \[[\"'](.*)[\"']\]", (tmp_path / "bugsink/bugsink.log").read_text()
    )
    assert set(complaints) == {_UNKNOWN_TO_ITS_SCHEMA}
    tested = next(key for key, event in sent.items() if event["exception"]["values"][0]["value"].startswith("Test"))
    assert set(ingest.answers) == {200}
    data = stored[tested].get("data", stored[tested])
    data = json.loads(data) if isinstance(data, str) else data
    exception = data["exception"]["values"][0]
    assert exception["value"] == "Test frontend error - if you see this in Sentry, it works!"
    assert data["transaction"] == "/diagnostics"
    assert data["contexts"]["trace"]["trace_id"] == sent[tested]["contexts"]["trace"]["trace_id"]
    assert exception["stacktrace"]["frames"][-1]["filename"].startswith("app:///assets/")
