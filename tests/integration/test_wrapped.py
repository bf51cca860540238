"""Applications inside middlewares, mounts and hosts: one span, one count, one event, and each has the whole route."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.apps import wrapped
from tests.integration.instrumented import attributes, completed, errors, points, spans
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
            settings = {"SENTRY_DSN": sentry.dsn, "PAZPAZ_OTEL_LEAN": lean, "OTEL_METRIC_EXPORT_INTERVAL": "600000"}
            completed("wrapped.py", folder, sink, settings)
            self.routes: dict[str, list[Any]] = {}
            for span in spans(sink):
                if not span.name.endswith((" send", " receive")):
                    route = attributes(span).get("http.route")
                    self.routes.setdefault(_name(span.trace_id.hex()), []).append((span.name, route))
            self.requests = Counter[str]()
            for point in points(sink, "http.server.request.duration"):
                self.requests[attributes(point).get("http.route", "")] += point.count
            events = errors(sentry)
            self.events = sorted((_name(one["contexts"]["trace"]["trace_id"]), one["transaction"]) for one in events)
            self.sent = b"".join(one.body for of in (sink, sentry) for one in of.received)


@pytest.fixture(scope="module", params=["true", "false"], ids=["lean", "contrib"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What the cases told."""
    return Told(tmp_path_factory.mktemp("wrapped"), request.param)


def _name(trace_id: str) -> str:
    number = int(trace_id, 16)
    return NAMES[number - 1] if number <= len(NAMES) else "no trace"


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
