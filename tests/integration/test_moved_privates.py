"""A release that moves what the distribution imports: everything stays closed, and the application runs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.cli.doctor.process import examined
from pazpaz_otel.settings import inherited

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Dvora-Mizrahi-305123456"
# What `opentelemetry-instrument` does in the process that it starts, then what an application does.
PROGRAM = f"""
import sys
MOVED
from opentelemetry.instrumentation.auto_instrumentation import initialize
initialize()
from opentelemetry import baggage, propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
import sentry_sdk
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
with provider.get_tracer("x").start_as_current_span("{NAME}"):
    pass
carrier = {{}}
propagate.inject(carrier, baggage.set_baggage("patient", "{NAME}"))
sentry_sdk.init(dsn="http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1")
print(carrier, sentry_sdk.get_client().transport, "served")
"""
MOVED = {
    "a module": 'sys.modules["opentelemetry.exporter.http.transport._urllib3"] = None',
    "a method": (
        "from opentelemetry.sdk.metrics._internal.measurement_consumer import SynchronousMeasurementConsumer as moved\n"
        "moved.consume = moved.__dict__['consume_measurement']\ndel moved.consume_measurement"
    ),
    "what a guard needs": "import sentry_sdk\nimport opentelemetry._logs as moved\ndel moved.LogRecord",
    "the configurator": ("import opentelemetry.sdk._configuration as moved\ndel moved._OTelSDKConfigurator"),
}


EXAMINED = """
import sys
MOVED
from opentelemetry.instrumentation.auto_instrumentation import initialize
initialize()
from pazpaz_otel.cli.doctor import probe
sys.argv = ["probe", "--record", sys.argv[0] + ".json"]
probe.main()
"""


def _run(tmp_path: Path, moved: str, strict: str, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "program.py"
    file.write_text(program.replace("MOVED", MOVED[moved]))
    quiet = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    environment = inherited({**quiet, "PAZPAZ_OTEL_STRICT": strict, "OTEL_PYTHON_DISTRO": "pazpaz_otel"})
    environment["OTEL_PYTHON_CONFIGURATOR"] = "pazpaz_otel"
    return subprocess.run(
        [sys.executable, str(file)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("moved", MOVED)
def test_nothing_leaves_and_the_application_runs(tmp_path: Path, moved: str) -> None:
    """One line says what moved; spans, baggage and Sentry stay here, though the application has its own exporters."""
    done = _run(tmp_path, moved, "false")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "{} None served\n"
    assert done.stderr.count("pazpaz-opentelemetry: nothing is exported: ") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("moved", MOVED)
def test_strict_refuses_with_one_line(tmp_path: Path, moved: str) -> None:
    """With `PAZPAZ_OTEL_STRICT` the process ends with 1 and one line."""
    done = _run(tmp_path, moved, "true")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("pazpaz-opentelemetry: ")


def test_the_doctor_says_what_moved(tmp_path: Path) -> None:
    """The doctor gives the line of the start as the reason for which nothing is exported."""
    done = _run(tmp_path, "a method", "false", EXAMINED)
    assert done.returncode == 0, done.stderr
    guards, *_ = examined(json.loads((tmp_path / "program.py.json").read_text()))
    assert (guards.state, guards.subject) == ("fault", "guards")
    assert f"pazpaz-opentelemetry: {guards.text}" in done.stderr.splitlines()
    assert "consume_measurement" in guards.text
