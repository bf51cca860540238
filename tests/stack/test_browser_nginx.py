"""The practice page behind nginx as shipped, with the DSN and the Content-Security-Policy of its build."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.programs.frontend import build_page
from tests.stack import browser
from tests.stack.shipped import ShippedNginx

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def test_the_page_reports_through_the_shipped_headers(tmp_path: Path) -> None:
    """The shipped nginx lets the built page report to its DSN, whose origin and the page's own are all it may reach."""
    ingest = browser.Ingest()
    page = build_page(tmp_path / "frontend", ingest.dsn)
    nginx = ShippedNginx(tmp_path / "nginx", api=9)
    shutil.copytree(page / "dist", nginx.folder / "page", dirs_exist_ok=True)
    shutil.copy(page / "csp.conf", nginx.folder / "conf" / "csp.conf")
    with ingest.server, nginx:
        seen = json.loads(browser.run_node(["errors.mjs"], {"url": f"https://127.0.0.1:{nginx.https}"}))
    assert seen["heading"] == "Sign in"
    assert not [line for line in seen["logged"] if "Content Security Policy" in line]
    policy, referrer = seen["headers"]["content-security-policy"], seen["headers"]["referrer-policy"]
    assert f"connect-src 'self' http://127.0.0.1:{ingest.server.port};" in policy
    assert referrer == "no-referrer"
    errors = [event["exception"]["values"][0]["value"] for event in ingest.items("event")]
    assert "Test frontend error - if you see this in Sentry, it works!" in errors
    assert not [one for one in ingest.received if "referer" in one.headers]
