"""`OTEL_PYTHON_LOG_CORRELATION`, `_LEVEL` and `_FORMAT` keep their meaning."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import FAST, log_records, tool

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
            {
                "OTEL_PYTHON_LOG_CORRELATION": "true",
                "OTEL_PYTHON_LOG_LEVEL": "error",
                "OTEL_PYTHON_LOG_FORMAT": "%(msg)s",
            },
            [],
            "",
        ),
    ],
    ids=["unset", "correlation", "level and format"],
)
def test_the_variables_keep_their_meaning(
    tmp_path: Path, otlp_http_sink: HttpSink, environment: dict[str, str], arrived: list[str], written: str
) -> None:
    """Unset, the application's levels hold; asked for, level and format are those of the instrumentation."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    settings = {**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint, **environment}
    command = [tool("opentelemetry-instrument"), sys.executable, str(file)]
    done = subprocess.run(command, env=inherited(settings), capture_output=True, text=True, timeout=60, check=True)
    bodies = [record.body.string_value for record in log_records(otlp_http_sink)]
    assert [body for body in bodies if body in {"note opened", "late"}] == arrived
    assert written in done.stderr
