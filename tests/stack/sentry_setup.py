"""The reference backend under `opentelemetry-instrument`: errors through a recorder into Bugsink, spans into a sink."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.integration.backend import Backend
from tests.programs.envelopes import envelope_items

if TYPE_CHECKING:
    from pathlib import Path

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from pazpaz_otel.audit.sinks import HttpSink
    from tests.programs.bugsink import Bugsink, Recorder

RELEASE = "practice-api@2.4.1"
NAME = "Shulamit Ben-Canary"
PHONE = "052-7716-canary"
NOTE = "canary-note: fears open doors since the flood"
UNSEEN = {"http_exception_client": "a client's error, which the application answers with 418"}
"""Kinds of faults that are no error of the server's."""


def instrumented(folder: Path, dsn: str, otlp: str, **environment: str) -> Backend:
    """The backend with its errors going to `dsn` and its telemetry to `otlp`."""
    settings = {
        "SENTRY_DSN": dsn,
        "SENTRY_RELEASE": RELEASE,
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
        "OTEL_SERVICE_NAME": "practice-api",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_METRICS_EXPORTER": "none",
    }
    return Backend(folder, settings | environment, instrumented=True)


@dataclass
class Made:
    """The errors that were made, and what came of them.

    Attributes:
        kinds: the request's identifier of each kind of error.
        statuses: what the caller got.
    """

    bugsink: Bugsink
    recorder: Recorder
    sink: HttpSink
    kinds: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    def events(self) -> list[dict[str, Any]]:
        """The events as they left the process."""
        return [
            json.loads(payload)
            for received in tuple(self.recorder.received)
            for header, payload in envelope_items(received.body)[1:]
            if header["type"] == "event"
        ]

    def event(self, kind: str) -> dict[str, Any]:
        """The one event of a kind of error."""
        found = [event for event in self.events() if event["tags"].get("request_id") == self.kinds[kind]]
        assert len(found) == 1, f"{kind}: {len(found)} events"
        return found[0]

    def span(self, event: dict[str, Any]) -> Span | None:
        """The exported span that an event is linked to."""
        trace = event["contexts"].get("trace", {})
        for request in self.sink.messages(ExportTraceServiceRequest):
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        if (span.trace_id.hex(), span.span_id.hex()) == (trace.get("trace_id"), trace.get("span_id")):
                            return span
        return None

    def server_span(self, event: dict[str, Any]) -> Span | None:
        """The exported server span of an event's trace."""
        wanted = event["contexts"]["trace"]["trace_id"]
        for request in self.sink.messages(ExportTraceServiceRequest):
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        if span.trace_id.hex() == wanted and span.kind == span.SPAN_KIND_SERVER:
                            return span
        return None


def make_every_error(backend: Backend, made: Made) -> None:
    """Call every fault of the reference backend about the same patient, each with a request id of its own."""
    _, body, _ = call(f"{backend.url}/test/errors")
    for kind in json.loads(body):
        made.kinds[kind] = str(uuid.uuid4())
        patient = urllib.parse.urlencode({"name": NAME, "phone": PHONE, "note": NOTE})
        url = f"{backend.url}/test/errors/{kind}?{patient}"
        made.statuses[kind], _, _ = call(url, made.kinds[kind])
    made.kinds["test_sentry"] = str(uuid.uuid4())
    made.statuses["test_sentry"], _, _ = call(f"{backend.url}/test/sentry", made.kinds["test_sentry"])
    made.kinds["websocket"] = str(uuid.uuid4())
    headers = {"x-request-id": made.kinds["websocket"]}
    address = f"ws://127.0.0.1:{backend.port}/test/errors/websocket"
    with connect(address, additional_headers=headers) as socket:
        socket.send(json.dumps({"name": NAME, "phone": PHONE, "note": NOTE}))
        try:
            socket.recv(timeout=10)
        except ConnectionClosed:
            made.statuses["websocket"] = 101


def call(url: str, request_id: str | None = None) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of a GET; an answer that breaks off has the status it began with."""
    request = urllib.request.Request(url, headers={"x-request-id": request_id} if request_id else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            status, headers = response.status, dict(response.headers)
            try:
                return status, response.read(), headers
            except OSError:
                return status, b"", headers
            except Exception as error:
                if type(error).__name__ != "IncompleteRead":
                    raise
                return status, b"", headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)
