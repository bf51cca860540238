"""How long the end of a process waits: less where an endpoint doesn't answer, not where it refuses."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

from pazpaz_otel import patches
from pazpaz_otel.otel import exit_deadline, shutdown

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


@dataclass
class _Clock:
    """Stands where the module `time` does."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now


class _Client:
    _timeout = 10.0

    def __init__(self) -> None:
        self._shutdown_event = threading.Event()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """A clock that only the test moves, and an end that hasn't begun."""
    clock = _Clock()
    monkeypatch.setattr(exit_deadline, "time", clock)
    monkeypatch.setattr(exit_deadline, "_state", exit_deadline._State())
    return clock


def _answering(clock: _Clock, seconds: float) -> _Client:
    """Return a client that was answered after so many seconds."""
    client = _Client()

    class Answer:
        success = True

    def export(_client: object, _: bytes) -> Answer:
        clock.now += seconds
        return Answer()

    exit_deadline._exporting(export)(client, b"")
    return client


def _left(clock: _Clock, client: _Client, after: float) -> float:
    """Return what remains of the end, so many seconds after the client has sent and wasn't answered."""
    seen: list[float] = []

    def export(_client: object, _: bytes) -> None:
        clock.now += after
        seen.append(exit_deadline.remaining())

    exit_deadline._exporting(export)(client, b"")
    return seen[0]


def test_an_endpoint_that_hangs_from_now_on_is_waited_for_less(clock: _Clock) -> None:
    """The end has begun with all its time; an answer that doesn't come as usual takes most of it."""
    client = _answering(clock, 0.1)
    exit_deadline.begin()
    assert exit_deadline.remaining() == exit_deadline.MAX_SECONDS
    assert _left(clock, client, 1.2) == pytest.approx(2 - 1.2)


def test_a_slow_endpoint_gets_the_time_that_it_takes(clock: _Clock) -> None:
    """Three times its usual time is no silence."""
    client = _answering(clock, 1.3)
    exit_deadline.begin()
    assert _left(clock, client, 3.0) == pytest.approx(exit_deadline.MAX_SECONDS - 3.0)


def test_an_export_at_the_end_takes_no_longer_than_an_answer_is_expected(clock: _Clock) -> None:
    """The request's own timeout is what makes it end: it is set by what the endpoint usually takes."""
    client = _answering(clock, 0.1)
    exit_deadline.begin()
    _left(clock, client, 0)
    assert client._timeout == 1.0


def test_a_server_believes_its_workers(clock: _Clock) -> None:
    """It was never answered itself, and they weren't at their end: it tries once, for a short time."""
    exit_deadline.ask_others(lambda: exit_deadline.OtherProcesses(since=0.5, silent=True))
    exit_deadline.begin()
    assert exit_deadline.remaining() == 2.0
    client = _Client()
    _left(clock, client, 0)
    assert client._timeout == 1.0


@pytest.mark.parametrize("answered", [False, True])
def test_a_forked_process_knows_whether_its_parent_was_answered(clock: _Clock, answered: bool) -> None:
    """A pool's processes don't each wait for an endpoint that is known to be silent."""
    client = _answering(clock, 0.1) if answered else _Client()
    if not answered:
        _left(clock, client, 0)
    child = os.fork()
    if child == 0:
        os._exit(exit_deadline.expects_silence() + 2 * (exit_deadline.total() < exit_deadline.MAX_SECONDS))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == (0 if answered else 3)


@pytest.mark.parametrize(("since", "left"), [(1.0, 5.0), (5.0, 3.0), (7.5, 2.0), (20.0, 5.0)])
def test_a_server_and_its_workers_have_one_deadline(clock: _Clock, since: float, left: float) -> None:
    """What the workers took of the time isn't there for the server; those that ended long ago took nothing."""
    exit_deadline.ask_others(lambda: exit_deadline.OtherProcesses(since=since))
    exit_deadline.begin()
    assert exit_deadline.remaining() == left
    assert clock.now == 100.0


def test_a_flush_gets_what_it_asks_for_until_the_end_begins(clock: _Clock) -> None:
    """From then on, all flushes share what remains, and leave the metrics a second."""
    assert shutdown.allowance(30.0) == 30.0
    exit_deadline.begin()
    clock.now += 1.0
    assert shutdown.allowance(30.0) == pytest.approx(exit_deadline.MAX_SECONDS - 1.0 - exit_deadline.METRICS_RESERVE)
    assert shutdown.allowance(0.1) == 0.1


def _send(endpoint: str) -> OTLPSpanExporter:
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=1)
    span = TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_span("visit")
    span.end()
    assert exporter.export([span]) is SpanExportResult.FAILURE  # type: ignore[list-item]
    return exporter


def test_an_endpoint_that_does_not_answer_is_waited_for_less(refusing: str) -> None:
    """Where nobody answers, the end is short; an endpoint that says no answers, and other signals get their time."""
    with patches.restored():
        exit_deadline.install()
        denied = _send(refusing)
        assert exit_deadline.total() == exit_deadline.MAX_SECONDS
        away = _send(REFUSED)
        assert exit_deadline.total() < exit_deadline.MAX_SECONDS
        denied.shutdown()
        away.shutdown()
