"""What an application does wrong: it runs on, nothing unguarded leaves, and the rest of the batch isn't lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import FAST, INSTRUMENT, everything, log_records, spans

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.programs import HttpSink

NAME = "Dvora-Mizrahi-7731"

PROGRAM = """
import logging, sys
from opentelemetry import metrics, trace
name = sys.argv[1]
log = logging.getLogger("clinic")
counter = metrics.get_meter("clinic").create_counter("session_notes.saved")
good = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"
with trace.get_tracer("clinic").start_as_current_span("save note", attributes={"workspace.id": good}) as span:
    {fault}
    log.warning("note saved")
    counter.add(1, {"workspace.id": good})
print("served")
"""

FAULTS = {
    "an attribute of a wrong type": "span.set_attribute('workspace.id', object())",
    "an int over 64 bits": "span.set_attribute('http.request.body.size', 10**30); counter.add(10**30)",
    "not a number": "counter.add(float('inf')); span.set_attribute('http.request.body.size', float('nan'))",
    "ten megabytes": "span.set_attribute('workspace.id', name * 600_000); log.warning(name * 600_000)",
    "ten thousand attributes": (
        "many = {f'{name} {n}': name for n in range(10_000)}\n    span.set_attributes(many)\n"
        "    log.info('many', extra=many)\n    counter.add(1, many)"
    ),
    "invalid UTF-8": "span.set_attribute('workspace.id', b'\\xff'.decode('utf-8', 'surrogateescape') + name)",
    "a lone surrogate in the source": "span.add_event('\\udcff'); log.warning('\\udcff')",
    "wrong arguments of a log call": "log.warning('note %d of %s', name)",
    "a log call that isn't one": "log.warning(None, name)",
    "a value that can't be printed": "log.warning('note %s', type('X', (), {'__str__': lambda self: 1 / 0})())",
    "an attribute that raises": (
        "span.set_attribute('workspace.id', type('X', (list,), {'__len__': lambda s: 1 / 0})())"
    ),
    "a deep structure": (
        "deep = []\n    for _ in range(5000): deep = [deep]\n    log.warning('deep', extra={'note': deep})"
    ),
    "a span ended twice": "span.end(); span.set_attribute(name, name)",
    "an exception that can't be printed": (
        "span.record_exception(type('Bad', (Exception,), {'__str__': lambda self: name + 1})())"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_takes_nothing_with_it(tmp_path: Path, otlp_http_sink: HttpSink, fault: str):
    """The application's mistake doesn't stop it, doesn't leak, and the good line beside it arrives."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.replace("{fault}", fault), encoding="utf-8")
    done = subprocess.run(
        [*INSTRUMENT, sys.executable, str(file), NAME],
        env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "served\n"), done.stderr[-3000:]
    assert "note saved" in [record.body.string_value for record in log_records(otlp_http_sink)]
    assert "session_notes.saved" in everything(otlp_http_sink)
    assert [span.name for span in spans(otlp_http_sink)] == ["save note"]
    assert NAME not in everything(otlp_http_sink)


def _run_against(
    endpoint: type[BaseHTTPRequestHandler], program: str, folder: Path, end: Callable[[], None] = lambda: None
) -> subprocess.CompletedProcess[str]:
    """Run a program under the distribution, with an endpoint of its own; `end` is called before that is closed."""
    file = folder / "program.py"
    file.write_text(program, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = subprocess.run(
            [*INSTRUMENT, sys.executable, str(file)],
            env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        end()
        server.shutdown()
        server.server_close()
    assert done.returncode == 0, done.stderr
    return done


STORM = """
import logging
logging.basicConfig(level=logging.DEBUG)
from opentelemetry import _logs
logging.getLogger("clinic").warning("note saved")
for _ in range(50):
    _logs.get_logger_provider().force_flush()
"""


def test_an_exporters_failure_is_no_storm_of_log_records(tmp_path: Path):
    """Lines about an export that failed, at every level, aren't exported in turn, and so fail no further export."""
    asked: list[str] = []

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            asked.append(self.path)
            self.send_error(400)

        def log_message(self, *_: object) -> None:
            pass

    _run_against(Refusing, STORM, tmp_path)
    # The line itself, and the one that says that log records are lost.
    assert 1 <= asked.count("/v1/logs") <= 2


FLOOD = """
import os
from opentelemetry import trace
from pazpaz_otel.redact import drops
for _ in range(5000):
    trace.get_tracer("clinic").start_span("save note").end()
print(drops.snapshot().get(("span", "queue_full"), 0), flush=True)
os._exit(0)
"""


def test_an_endpoint_that_hangs_holds_nobody_up(tmp_path: Path):
    """The application goes on while the endpoint never answers; what is lost is counted, and said once."""
    let_go = threading.Event()

    class Hanging(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            let_go.wait(60)

    done = _run_against(Hanging, FLOOD, tmp_path, let_go.set)
    # The queue holds 2,048, and a batch of 512 hangs in the exporter.
    assert int(done.stdout) >= 5000 - 2048 - 512
    assert done.stderr.count("spans are lost: the queue is full") == 1
