"""Applications inside middlewares, mounts and hosts: one span, one count, one event, and each has the whole route."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.sinks import envelope_items
from tests.integration.apps import wrapped
from tests.integration.instrumented import APPS, FAST, tool
from tests.programs import HttpSink

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NAMES = list(wrapped.CASES)
ROUTES = Counter(route for _, _, route in wrapped.CASES.values())


class Told:
    """What one run of the cases told, the lean way or contrib's."""

    def __init__(self, folder: Path, lean: str) -> None:
        with HttpSink() as sink, HttpSink() as sentry:
            environment = {
                **FAST,
                "OTEL_METRIC_EXPORT_INTERVAL": "600000",
                "PYTHONPATH": ".",
                "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
                "SENTRY_DSN": sentry.dsn,
                "PAZPAZ_OTEL_LEAN": lean,
            }
            done = subprocess.run(
                [tool("opentelemetry-instrument"), sys.executable, str(APPS / "wrapped.py")],
                env=environment,
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert done.returncode == 0, done.stderr
            self.requests = Counter[str]()
            self.routes: dict[str, list[Any]] = {}
            for message in sink.messages(ExportTraceServiceRequest):
                for span in (one for of in message.resource_spans for scope in of.scope_spans for one in scope.spans):
                    if not span.name.endswith((" send", " receive")):
                        self.routes.setdefault(_name(span.trace_id.hex()), []).append(
                            (span.name, _values(span).get("http.route"))
                        )
            last = list(sink.messages(ExportMetricsServiceRequest))[-1]
            for metric in (one for of in last.resource_metrics for scope in of.scope_metrics for one in scope.metrics):
                if metric.name == "http.server.request.duration":
                    for point in metric.histogram.data_points:
                        self.requests[_values(point).get("http.route", "")] += point.count
            items = [item for one in sentry.received for item in envelope_items(one.body)]
            events = [json.loads(body) for header, body in items if header.get("type") == "event"]
            self.events = sorted((_name(one["contexts"]["trace"]["trace_id"]), one["transaction"]) for one in events)
            self.sent = b"".join(one.body for of in (sink, sentry) for one in of.received)


@pytest.fixture(scope="module", params=["true", "false"], ids=["lean", "contrib"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What the cases told."""
    return Told(tmp_path_factory.mktemp("wrapped"), request.param)


def _name(trace_id: str) -> str:
    number = int(trace_id, 16)
    return NAMES[number - 1] if number <= len(NAMES) else "no trace"


def _values(holder: Any) -> dict[str, str]:
    return {one.key: one.value.string_value for one in holder.attributes}


@pytest.mark.parametrize("name", NAMES)
def test_a_request_is_one_span_with_its_whole_route(told: Told, name: str):
    """However an application is wrapped, a request is one span, and its route is that from the outermost one on."""
    method = "HTTP" if name.startswith("WebSocket") else "GET"
    route = wrapped.CASES[name][2]
    assert told.routes[name] == [(f"{method} {route}", route)]


def test_a_request_counts_once_under_its_whole_route(told: Told):
    """Of every case's request there is one in the durations."""
    sockets = [route for name, (_, _, route) in wrapped.CASES.items() if name.startswith("WebSocket")]
    assert told.requests == ROUTES - Counter(sockets)


def test_an_error_is_one_event_of_its_whole_route(told: Told):
    """Each failing request is one event, in the request's trace, whose transaction is the route."""
    failing = [(name, route) for name, (_, _, route) in wrapped.CASES.items() if name.startswith("broken")]
    assert told.events == sorted(failing)


def test_no_path_leaves(told: Told):
    """The name in each path is in nothing that was sent."""
    assert wrapped.PATIENT.encode() not in told.sent
