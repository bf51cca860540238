"""How long the end of a process waits: less where an endpoint doesn't answer, not where it refuses."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

from pazpaz_otel import patches
from pazpaz_otel.otel import ending

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSED = "http://127.0.0.1:9"


class _Refusing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    """An endpoint that answers each request with 401."""
    with HTTPServer(("127.0.0.1", 0), _Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _send(endpoint: str) -> OTLPSpanExporter:
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=1)
    span = TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_span("visit")
    span.end()
    assert exporter.export([span]) is SpanExportResult.FAILURE  # type: ignore[list-item]
    return exporter


def test_an_endpoint_that_does_not_answer_is_waited_for_less(refusing: str) -> None:
    """Where nobody answers, the end is short; an endpoint that says no answers, and other signals get their time."""
    with patches.restored():
        ending.bound()
        denied = _send(refusing)
        assert ending.patience() == ending.PATIENCE
        away = _send(REFUSED)
        assert ending.patience() < ending.PATIENCE
        denied.shutdown()
        away.shutdown()
