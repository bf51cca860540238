"""One id for a request: nginx as shipped before the real API, its log, and Sentry."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.integration.backend import Backend
from tests.programs import wait_until
from tests.stack import browser
from tests.stack.shipped import ShippedNginx
from tests.stack.test_nginx import ask, status

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.stack

SILENT = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}


def test_a_failed_request_has_one_id_everywhere(tmp_path: Path) -> None:
    """The id in nginx's access log is the one in the answer, in the API's log and on the event in Sentry."""
    sentry = browser.Ingest()
    settings = {**SILENT, "SENTRY_DSN": sentry.dsn}
    with (
        sentry.server,
        Backend(tmp_path, settings, instrumented=True) as backend,
        ShippedNginx(tmp_path / "nginx", backend.port) as nginx,
    ):
        answer = ask(nginx, "GET /test/sentry HTTP/1.1")
        assert sentry.wait_for(bool, 10)
        wait_until(lambda: nginx.access_log.read_text().strip(), "the access log")
        (line,) = map(json.loads, nginx.access_log.read_text().splitlines())
        wait_until(lambda: any(line["request_id"] in str(one) for one in backend.lines()), "the API's log")
    assert status(answer) == 500
    assert uuid.UUID(line["request_id"])
    assert f"x-request-id: {line['request_id']}" in answer.lower()
    assert [event["tags"]["request_id"] for event in sentry.items("event")] == [line["request_id"]]
