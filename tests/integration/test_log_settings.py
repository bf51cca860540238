"""`OTEL_PYTHON_LOG_CORRELATION`, `_LEVEL` and `_FORMAT` keep their meaning."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import FAST, INSTRUMENT, log_records

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import HttpSink

PROGRAM = """
import logging
logging.getLogger("clinic").info("note opened")
logging.getLogger("clinic").warning("late")
"""
CORRELATED = {"OTEL_PYTHON_LOG_CORRELATION": "true"}


@pytest.mark.parametrize(
    ("environment", "arrived", "written"),
    [
        ({}, ["late"], ""),
        (CORRELATED, ["note opened", "late"], "trace_id=0"),
        (
            {**CORRELATED, "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true"},
            ["note opened", "late"],
            "trace_id=0",
        ),
        (
            {
                "OTEL_PYTHON_LOG_CORRELATION": "true",
                "OTEL_PYTHON_LOG_LEVEL": "error",
                "OTEL_PYTHON_LOG_FORMAT": "%(msg)s",
            },
            [],
            "",
        ),
    ],
    ids=["unset", "correlation", "correlation and the SDK's handler", "level and format"],
)
def test_the_variables_keep_their_meaning(
    tmp_path: Path, otlp_http_sink: HttpSink, environment: dict[str, str], arrived: list[str], written: str
) -> None:
    """Unset, the application's levels hold; asked for, level and format are those of the instrumentation."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    settings = {**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint, **environment}
    command = [*INSTRUMENT, sys.executable, str(file)]
    done = subprocess.run(command, env=inherited(settings), capture_output=True, text=True, timeout=60, check=True)
    bodies = [record.body.string_value for record in log_records(otlp_http_sink)]
    assert [body for body in bodies if body in {"note opened", "late"}] == arrived
    assert written in done.stderr


QUEUED = """
import logging, logging.handlers, queue, sys
from opentelemetry import trace

log = logging.getLogger("clinic")
lines = queue.SimpleQueue()
correlated = logging.StreamHandler(sys.stdout)
correlated.setFormatter(logging.Formatter("%(otelTraceID)s %(otelSpanID)s %(otelServiceName)s %(message)s"))
if sys.argv[1] == "queued":
    listener = logging.handlers.QueueListener(lines, correlated)
    listener.start()
    log.addHandler(logging.handlers.QueueHandler(lines))
else:
    log.addHandler(correlated)


def chosen(record):
    record.otelTraceID = "305123456".rjust(32, "0")
    record.otelSpanID = sys.argv[2]
    record.otelServiceName = sys.argv[2]
    return True


with trace.get_tracer("clinic").start_as_current_span("note") as span:
    print(format(span.get_span_context().trace_id, "032x"), format(span.get_span_context().span_id, "016x"))
    log.warning("note saved for %s", sys.argv[2])
    log.addFilter(chosen)
    log.warning("late")
if sys.argv[1] == "queued":
    listener.stop()
"""


@pytest.mark.parametrize("way", ["direct", "queued"])
def test_guarded_lines_keep_their_trace(tmp_path: Path, otlp_http_sink: HttpSink, way: str) -> None:
    """The ids of a line's span and the service are written, through a queue too; what a filter writes there isn't."""
    file = tmp_path / "program.py"
    file.write_text(QUEUED)
    settings = {
        **FAST,
        **CORRELATED,
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint,
        "PAZPAZ_OTEL_GUARD_OUTPUT": "true",
    }
    command = [*INSTRUMENT, sys.executable, str(file), way, "Dvora Peretz"]
    done = subprocess.run(command, env=inherited(settings), capture_output=True, text=True, timeout=60, check=True)
    span, saved, late = done.stdout.splitlines()
    assert saved == f"{span} clinic note saved for %s"
    assert late == "<redacted> <redacted> <redacted> late"
    assert "Dvora" not in done.stdout + done.stderr
