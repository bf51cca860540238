"""Beside single libraries: each is started where it is there, none doubles or loops logs, none is half traced."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import spans
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from tests.programs import HttpSink

pytestmark = pytest.mark.slow

FLUSH = """
from opentelemetry import _logs, trace
for provider in (trace.get_tracer_provider(), _logs.get_logger_provider()):
    provider.force_flush()
"""


def _run(folder: Path, program: str, sink: HttpSink, *command: str, **settings: str) -> str:
    """Run a program of this text and return what it wrote to standard error."""
    file = folder / "clinic.py"
    file.write_text(program + FLUSH)
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "600000"}
    done = subprocess.run(
        [*command, sys.executable, str(file)],
        env=inherited({**environment, **settings}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def _logs(sink: HttpSink) -> list[tuple[str, str]]:
    """Return the logger and the text of every record that arrived."""
    return [
        (scope.scope.name, record.body.string_value)
        for message in sink.messages(ExportLogsServiceRequest)
        for resource in message.resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
    ]


DEBUGGING = """
import logging
import pazpaz_otel
pazpaz_otel.configure()
logging.getLogger().setLevel(logging.DEBUG)
from opentelemetry import _logs, trace
for _ in range(3):
    with trace.get_tracer("clinic").start_as_current_span("tidy up"):
        logging.getLogger("clinic").debug("looked for a slot")
    trace.get_tracer_provider().force_flush()
    _logs.get_logger_provider().force_flush()
"""


@pytest.mark.parametrize("lean", ["true", "false"])
def test_an_exporters_own_lines_are_not_exported(tmp_path: Path, otlp_http_sink: HttpSink, lean: str) -> None:
    """At DEBUG, the lines that exporting writes itself stay at home: each export would make another, for ever."""
    _run(tmp_path, DEBUGGING, otlp_http_sink, PAZPAZ_OTEL_LEAN=lean)
    logs = _logs(otlp_http_sink)
    assert logs.count(("clinic", "looked for a slot")) == 3
    assert [name for name, _ in logs if name.startswith(("urllib3", "requests", "opentelemetry.exporter"))] == []


STRUCTURED = """
import structlog
structlog.configure(
    processors=[structlog.stdlib.add_log_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
)
import logging
handler = logging.StreamHandler()
handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer()))
logging.getLogger().addHandler(handler)
logging.getLogger().setLevel(logging.INFO)
for _ in range(5):
    structlog.get_logger("clinic").info("slot_found", reason=object())
"""


@pytest.mark.parametrize("lean", ["true", "false"])
def test_structlog_is_exported_once(tmp_path: Path, otlp_http_sink: HttpSink, lean: str) -> None:
    """With the SDK's handler asked for, each structlog call is one record, and the SDK warns of none of its values."""
    instrument = str(Path(sys.executable).with_name("opentelemetry-instrument"))
    settings = {"OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED": "true", "PAZPAZ_OTEL_LEAN": lean}
    stderr = _run(tmp_path, STRUCTURED, otlp_http_sink, instrument, **settings)
    texts = [text for _, text in _logs(otlp_http_sink)]
    assert texts.count("slot_found") == 5
    # Once, the SDK says that its handler will go.
    assert len(texts) <= 6
    assert "Invalid type" not in stderr


JUDGING = (
    STRUCTURED
    + """
import sys
logger, client, judged = structlog.get_logger("clinic"), str(object()), []
def watch(frame, event, _):
    if event == "call" and "/pazpaz_otel/redact/" in frame.f_code.co_filename:
        judged.append(frame.f_code.co_name)
for level in ("debug", "info"):
    judged.clear()
    sys.setprofile(watch)
    getattr(logger, level)("saved", client=client)
    sys.setprofile(None)
    sys.stderr.write(f"{level} judged: {'judge' in judged}\\n")
"""
)


def test_an_event_below_its_loggers_level_is_not_judged(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """Where structlog leaves levels to logging, it renders events that nobody gets: they cost no proof."""
    stderr = _run(tmp_path, JUDGING, otlp_http_sink, str(Path(sys.executable).with_name("opentelemetry-instrument")))
    assert "debug judged: False" in stderr
    assert "info judged: True" in stderr


QUERYING = """
import sys
sys.modules["greenlet"] = None
import pazpaz_otel
pazpaz_otel.configure()
from sqlalchemy import create_engine, text
with create_engine("sqlite://").connect() as connection:
    connection.execute(text("SELECT 1 WHERE 'a' = 'b'"))
"""


def test_sqlalchemy_without_greenlet_is_traced_whole(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """Without greenlet, which SQLAlchemy needs for its asynchronous engines alone, a query is one span, once."""
    stderr = _run(tmp_path, QUERYING, otlp_http_sink)
    assert [span.name for span in spans(otlp_http_sink)] == ["SELECT"]
    assert "Traceback" not in stderr


CALLING = """
import pazpaz_otel
pazpaz_otel.configure()
from pazpaz_otel.integrations.registry import states
assert states()["HTTPX 2"] == "on", states()
import httpx2
with httpx2.Client() as client:
    client.get("{endpoint}/there?name=Dvora")
"""


def test_httpx_2_is_started_where_it_is_installed(tmp_path: Path, otlp_http_sink: HttpSink) -> None:
    """A call by HTTPX 2 is one span of a client, without its query."""
    [folder] = pypi_folder("httpx2", ("httpx2",)).glob("lib/python*/site-packages")
    _run(tmp_path, CALLING.format(endpoint=otlp_http_sink.endpoint), otlp_http_sink, PYTHONPATH=str(folder))
    assert [span.name for span in spans(otlp_http_sink)] == ["GET"]
    assert "Dvora" not in str(spans(otlp_http_sink))
