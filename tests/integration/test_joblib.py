"""A program's functions that joblib's loky sends to its processes by value."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.integration.instrumented import APPS, FAST, attributes, everything, spans, tool
from tests.integration.sums import latest
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import HttpSink

pytestmark = [pytest.mark.slow, pytest.mark.stack]

CLIENT = "Dvora-Mizrahi-7731"
BODIES = ["reminder sent to %s", "The clinic is closed", "The appointment is late", "<redacted>", "it failed"]
TRACE = re.compile(r'\n  File "joblib_jobs\.py", line [0-9]+, in remind\nValueError: no telephone\Z')


def test_a_function_that_is_sent_is_proven_by_the_programs_file(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """What it says arrives as it does from the program itself; code that only names the file proves nothing."""
    [libraries] = pypi_folder("joblib", ("joblib>=1.5",)).glob("lib/python*/site-packages")
    done = subprocess.run(
        [tool("opentelemetry-instrument"), sys.executable, "joblib_jobs.py", CLIENT],
        env={
            **FAST,
            "PYTHONPATH": str(libraries),
            "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint,
            "OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true",
            "TMPDIR": str(tmp_path),
        },
        cwd=APPS / "jobs",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    records = [
        (of_scope.scope.name, record)
        for message in otlp_http_sink.messages(ExportLogsServiceRequest)
        for of_resource in message.resource_logs
        for of_scope in of_resource.scope_logs
        for record in of_scope.log_records
    ]
    bodies = [record.body.string_value for scope, record in records if scope == "reminders"]
    assert bodies == BODIES
    [trace] = [value for _, record in records if (value := attributes(record).get("exception.stacktrace"))]
    assert TRACE.search(trace)
    assert [record.body.string_value for _, record in records].count("The clinic is closed") == 1
    assert {span.name for span in spans(otlp_http_sink)} == {"one reminder"}
    assert [point.as_int for point in latest(otlp_http_sink, "reminders.sent").values()] == [1]
    assert CLIENT not in everything(otlp_http_sink) + done.stderr
