"""A process ends soon also when nobody takes its telemetry."""

from __future__ import annotations

import signal
import socketserver
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import log_records, spans
from tests.integration.sums import latest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.programs import HttpSink

PROGRAM = """
import logging, os, signal
import pazpaz_otel
pazpaz_otel.configure()
from opentelemetry import trace
with trace.get_tracer("app").start_as_current_span("hello"):
    logging.getLogger("app").warning("hello")
"""
TERMINATED = "os.kill(os.getpid(), signal.SIGTERM)\n"


class _Refusing(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.server.attempts += 1  # type: ignore[attr-defined]


@pytest.fixture
def refusing() -> Iterator[socketserver.ThreadingTCPServer]:
    """A server that ends each connection without an answer, and counts them."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Refusing) as server:
        server.attempts = 0  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(("end", "code"), [("", 0), (TERMINATED, -signal.SIGTERM)], ids=["exit", "SIGTERM"])
def test_a_process_that_ends_tries_once(refusing: socketserver.ThreadingTCPServer, end: str, code: int) -> None:
    """Each signal is tried once, without waits between attempts, and what is lost is said."""
    endpoint = f"http://127.0.0.1:{refusing.server_address[1]}"
    late = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "OTEL_BLRP_SCHEDULE_DELAY": "600000"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + end],
        env=inherited({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "600000", **late}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "spans are lost" in done.stderr
    assert "log records are lost" in done.stderr
    # From Python 3.12 on, a handler that starts a thread at the end raises.
    assert "Traceback" not in done.stderr
    # The SDK asks a second time at once, for a connection that was only stale; waits would be followed by more.
    # The line on lost spans is a log record itself, and may be tried after the others.
    assert 3 <= refusing.attempts <= 8  # type: ignore[attr-defined]


class _TellingAgain(socketserver.StreamRequestHandler):
    """Answers well; whoever asks is told to end once more before it is answered."""

    def handle(self) -> None:
        if not (request := self.rfile.readline()):
            return
        length = 0
        while line := self.rfile.readline().strip().lower():
            name, _, value = line.partition(b":")
            length = int(value) if name == b"content-length" else length
        self.rfile.read(length)
        self.server.paths.append(request.split()[1].decode())  # type: ignore[attr-defined]
        for process in self.server.processes:  # type: ignore[attr-defined]
            process.send_signal(signal.SIGTERM)
        self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")


def test_a_second_sigterm_takes_nothing_from_the_first() -> None:
    """A server repeats it while a worker exports: everything leaves before the process ends by the signal."""
    late = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "OTEL_BLRP_SCHEDULE_DELAY": "600000"}
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _TellingAgain) as server:
        server.paths, server.processes = [], []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "600000", **late}
        counted = "pazpaz_otel.counter('appointments.created').add(1)\n"
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM + counted + TERMINATED], env=inherited(settings)
        ) as process:
            server.processes.append(process)  # type: ignore[attr-defined]
            assert process.wait(60) == -signal.SIGTERM
        server.shutdown()
        assert set(server.paths) == {"/v1/traces", "/v1/logs", "/v1/metrics"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("ledger", ["on", "off"])
def test_a_process_that_ends_at_once_leaves_its_telemetry(
    tmp_path: Path, otlp_http_sink: HttpSink, ledger: str
) -> None:
    """Before `os._exit`, which runs no exit handler, spans and logs leave; with a ledger, counts do, too."""
    late = {"OTEL_BSP_SCHEDULE_DELAY": "600000", "OTEL_BLRP_SCHEDULE_DELAY": "600000"}
    own = {"PAZPAZ_OTEL_LEDGER": ledger, "PAZPAZ_OTEL_SCRAPE_INTERVAL": "0", "TMPDIR": str(tmp_path)}
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "600000"}
    counted = "pazpaz_otel.counter('appointments.created').add(3)\n"
    program = [sys.executable, "-c", PROGRAM + counted + "os._exit(0)\n"]
    subprocess.run(program, env=inherited({**settings, **own, **late}), timeout=60, check=True)
    assert (len(spans(otlp_http_sink)), len(log_records(otlp_http_sink))) == (1, 1)
    points = latest(otlp_http_sink, "appointments.created").values()
    assert [point.as_int for point in points] == ([3] if ledger == "on" else [])
