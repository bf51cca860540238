"""The guards stand wherever providers come from, or nothing is exported and one line says why."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import FAST, INSTRUMENT, everything, spans
from tests.programs import HttpSink, free_port

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Dvora-Mizrahi-7731"


def script(text: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a program under `opentelemetry-instrument`."""
    file = folder / "program.py"
    file.write_text(text)
    command = [*INSTRUMENT, sys.executable, str(file), NAME]
    return subprocess.run(command, env={**FAST, **environment}, capture_output=True, text=True, check=False, timeout=60)


LEAKY = """
import logging, sys
from opentelemetry import trace, metrics
name = sys.argv[1]
with trace.get_tracer("notes").start_as_current_span("read note") as span:
    span.set_attribute("client.name", name)
    span.add_event(name, {name: name})
    logging.getLogger("notes").warning("note of " + name)
metrics.get_meter("notes").create_counter(name.replace("-", "_")).add(1, {"client.name": name})
"""


def test_a_configuration_file_is_guarded(tmp_path: Path, otlp_http_sink: HttpSink):
    """With `OTEL_CONFIG_FILE`, whose SDK ignores a distribution's arguments, the guards hold."""
    config = tmp_path / "otel.yaml"
    config.write_text(f"""
file_format: "1.0"
resource: {{attributes: [{{name: service.name, value: clinic}}, {{name: host.name, value: {NAME}}}]}}
tracer_provider:
  processors: [{{simple: {{exporter: {{otlp_http: {{endpoint: "{otlp_http_sink.endpoint}/v1/traces"}}}}}}}}]
logger_provider:
  processors: [{{simple: {{exporter: {{otlp_http: {{endpoint: "{otlp_http_sink.endpoint}/v1/logs"}}}}}}}}]
meter_provider:
  readers:
    - periodic: {{interval: 300, exporter: {{otlp_http: {{endpoint: "{otlp_http_sink.endpoint}/v1/metrics"}}}}}}
""")
    done = script(LEAKY, tmp_path, {"OTEL_CONFIG_FILE": str(config)})
    assert done.returncode == 0, done.stderr
    assert [span.name for span in spans(otlp_http_sink)] == ["read note"]
    assert NAME not in everything(otlp_http_sink)
    assert NAME.replace("-", "_") not in everything(otlp_http_sink)


def test_ours_wins_over_a_distribution_beside_it(tmp_path: Path, otlp_http_sink: HttpSink):
    """With `opentelemetry-distro` installed beside ours and none named, ours is used."""
    done = script(LEAKY, tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint})
    assert done.returncode == 0
    assert spans(otlp_http_sink)
    assert NAME not in everything(otlp_http_sink)


HEADERS_AND_LATE_PROVIDER = """
from opentelemetry import baggage, propagate
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
headers = {}
propagate.inject(headers, baggage.set_baggage("client", name))
print(headers)
late = TracerProvider()
late.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
late.get_tracer("notes").start_span(name).end()
"""


def test_another_distribution_that_is_named_exports_nothing(tmp_path: Path, otlp_http_sink: HttpSink):
    """With another distribution chosen on purpose, nothing leaves, headers included, and one line says why."""
    environment = {
        "OTEL_PYTHON_DISTRO": "distro",
        "OTEL_PYTHON_CONFIGURATOR": "configurator",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint,
    }
    done = script(LEAKY + HEADERS_AND_LATE_PROVIDER, tmp_path, environment)
    assert done.returncode == 0
    assert otlp_http_sink.received == []
    assert NAME not in done.stdout
    assert done.stderr.count("nothing is exported") == 1
    assert "OTEL_PYTHON_DISTRO=pazpaz_otel" in done.stderr
    assert script("", tmp_path, {**environment, "PAZPAZ_OTEL_STRICT": "true"}).returncode == 1


def test_another_configurator_is_guarded_all_the_same(tmp_path: Path, otlp_http_sink: HttpSink):
    """With our distribution and another's configurator, the providers that it makes are guarded."""
    environment = {"OTEL_PYTHON_CONFIGURATOR": "configurator", "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint}
    done = script(LEAKY, tmp_path, environment)
    assert done.returncode == 0
    assert spans(otlp_http_sink)
    assert NAME not in everything(otlp_http_sink)


APPLICATIONS_OWN = """
import json, sys
from opentelemetry import trace, metrics
from opentelemetry.sdk.trace import TracerProvider, SpanProcessor
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor, BatchSpanProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

class Pending(SpanProcessor):
    def on_start(self, span, parent_context=None):
        print("started", span.name, dict(span.attributes), span.to_json())
        span.set_attribute("workspace.id", "0190b3f2-7c1a-7d3e-8a2b-0123456789ab")
    def on_end(self, span):
        print("ended", span.name, dict(span.attributes), span.to_json())

name = sys.argv[1]
own = TracerProvider(resource=Resource.create({"host.name": name}))
for provider in (trace.get_tracer_provider(), own):
    provider.add_span_processor(Pending())
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    with provider.get_tracer(name).start_as_current_span(name, attributes={"client.name": name}) as span:
        span.record_exception(ValueError(name))
reader = PeriodicExportingMetricReader(ConsoleMetricExporter())
meter = MeterProvider(metric_readers=[reader], resource=Resource.create({"host.name": name})).get_meter(name)
meter.create_counter("appointments.created", description=name).add(1, {"client.name": name})
meter.create_histogram("x", description=name).record(1, {"client.name": name})
reader.force_flush()
"""


def test_what_the_application_adds_is_guarded(tmp_path: Path):
    """Processors, exporters, providers and readers of the application's own see guarded data only."""
    done = script(APPLICATIONS_OWN, tmp_path, dict.fromkeys(("OTEL_TRACES_EXPORTER", "OTEL_LOGS_EXPORTER"), "none"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("started") == done.stdout.count("ended") == 2
    assert "appointments.created" in done.stdout
    assert '"workspace.id": "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"' in done.stdout
    assert NAME not in done.stdout


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        ("version: 1\nextends: default\nattributes:\n  client.name: secret\n", "4: attributes.client.name: "),
        ("version: [", "not YAML"),
        (None, "there is no such file"),
    ],
    ids=["an unknown kind", "not YAML", "no file"],
)
def test_a_policy_that_cannot_be_used(tmp_path: Path, otlp_http_sink: HttpSink, policy: str | None, line: str):
    """The application runs, nothing is exported, one line gives file, line and hint; strict mode refuses to start."""
    file = tmp_path / "policy.yaml"
    if policy is not None:
        file.write_text(policy)
    environment = {"PAZPAZ_OTEL_POLICY": str(file), "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint}
    done = script(LEAKY + "print('served')", tmp_path, environment)
    assert (done.returncode, done.stdout) == (0, "served\n")
    assert otlp_http_sink.received == []
    assert done.stderr.count("nothing is exported") == 1
    assert line in done.stderr
    strict = script("print('served')", tmp_path, {**environment, "PAZPAZ_OTEL_STRICT": "true"})
    assert (strict.returncode, strict.stdout) == (1, "")
    assert line in strict.stderr


@pytest.mark.parametrize("code", ["print('served')", "import pazpaz_otel\npazpaz_otel.configure()"])
def test_a_refused_start_is_one_line(tmp_path: Path, code: str):
    """What the SDK refuses stands in one line with the variable, the hint and the SDK's own reason."""
    file = tmp_path / "program.py"
    file.write_text(code)
    environment = {**FAST, "OTEL_TRACES_EXPORTER": "oltp", "PAZPAZ_OTEL_STRICT": "true"}
    command = [sys.executable, str(file)]
    command = command if "configure" in code else [*INSTRUMENT, *command]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert "OTEL_TRACES_EXPORTER: there is no exporter oltp; did you mean otlp?" in line
    assert "Requested component 'oltp' not found" in line


def test_strict_says_a_fault_that_does_not_stop_the_start(tmp_path: Path):
    """What is kept for a refusal is printed once the start has succeeded."""
    done = script("print('served')", tmp_path, {"OTEL_PYTHON_LOG_LEVEL": "chatty", "PAZPAZ_OTEL_STRICT": "true"})
    assert (done.returncode, done.stdout) == (0, "served\n")
    assert done.stderr.count("OTEL_PYTHON_LOG_LEVEL: chatty is none of its values") == 1


STANDARD = """
from opentelemetry import propagate, trace
carrier = {}
for number in range(3):
    with trace.get_tracer("notes").start_as_current_span("read note"):
        propagate.inject(carrier)
print(sorted(carrier))
"""


def test_propagators_and_batch_limits_keep_their_meaning(tmp_path: Path, otlp_http_sink: HttpSink):
    """`OTEL_PROPAGATORS` says what is handed on, and `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` how many spans leave at once."""
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint,
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
    }
    done = script(STANDARD, tmp_path, {**environment, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1"})
    assert (done.returncode, done.stdout) == (0, "['traceparent']\n"), done.stderr
    assert (len(spans(otlp_http_sink)), len(otlp_http_sink.received)) == (3, 3)
    done = script(STANDARD, tmp_path, {**environment, "OTEL_PROPAGATORS": "baggage"})
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
    assert len(spans(otlp_http_sink)) == 6


def test_a_setting_that_cannot_be_used(tmp_path: Path, otlp_http_sink: HttpSink):
    """The application runs, nothing is exported, and one line names the setting."""
    environment = {"ENABLE_METRICS": "maybe", "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint}
    done = script(LEAKY + "print('served')", tmp_path, environment)
    assert (done.returncode, done.stdout) == (0, "served\n")
    assert otlp_http_sink.received == []
    assert done.stderr.count("nothing is exported: ENABLE_METRICS") == 1


def test_metrics_that_are_off_are_not_served_either(tmp_path: Path):
    """`ENABLE_METRICS=false` wins over `OTEL_METRICS_EXPORTER=prometheus`: nobody listens."""
    port = free_port()
    environment = {
        "ENABLE_METRICS": "false",
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
    }
    asks = f"import socket; print(socket.socket().connect_ex(('localhost', {port})) != 0)"
    done = script(asks, tmp_path, environment)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


PUBLIC_CLASSES = """
import sys
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import ConsoleLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
spans = SimpleSpanProcessor(ConsoleSpanExporter())
records = SimpleLogRecordProcessor(ConsoleLogRecordExporter())
metrics = ConsoleMetricExporter()
if "unguarded" not in sys.argv:
    import pazpaz_otel
    spans = pazpaz_otel.RedactingSpanProcessor(spans)
    records = pazpaz_otel.RedactingLogRecordProcessor(records)
    metrics = pazpaz_otel.RedactingMetricExporter(metrics)
name, workspace = sys.argv[1], {"workspace.id": "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"}
traces, logs, meters = TracerProvider(), LoggerProvider(), MeterProvider([PeriodicExportingMetricReader(metrics)])
traces.add_span_processor(spans)
logs.add_log_record_processor(records)
with traces.get_tracer("notes").start_as_current_span("read note", attributes={"client.name": name, **workspace}):
    logs.get_logger("notes").emit(body=name, attributes={"client.name": name, **workspace})
counter = meters.get_meter("notes").create_counter("appointments.created")
counter.add(1, workspace)
counter.add(1, {**workspace, "client.name": name})
meters.shutdown()
"""


def test_public_classes_guard_providers_that_others_wire(tmp_path: Path):
    """The three public classes let no name through in a process that wires its own providers; without them, it does."""
    file = tmp_path / "program.py"
    file.write_text(PUBLIC_CLASSES)
    guarded, unguarded = (
        subprocess.run([sys.executable, str(file), NAME, how], capture_output=True, text=True, check=False, timeout=60)
        for how in ("guarded", "unguarded")
    )
    assert guarded.returncode == 0, guarded.stderr
    assert NAME not in guarded.stdout
    assert guarded.stdout.count("0190b3f2-7c1a-7d3e-8a2b-0123456789ab") == 3
    assert unguarded.stdout.count(NAME) >= 3


def test_an_application_with_sentry_outlives_a_policy_that_cannot_be_used(tmp_path: Path, otlp_http_sink: HttpSink):
    """With a broken policy an application that starts Sentry itself runs; nothing is sent there, and a line says so."""
    file = tmp_path / "policy.yaml"
    file.write_text("version: 1\nattributes: 3\n")
    program = (
        "import sys, sentry_sdk\n"
        f"sentry_sdk.init(dsn={otlp_http_sink.dsn!r})\n"
        "sentry_sdk.capture_message('note of ' + sys.argv[1])\n"
        "sentry_sdk.flush(2)\n"
        "print('served')\n"
    )
    done = script(program, tmp_path, {"PAZPAZ_OTEL_POLICY": str(file)})
    assert (done.returncode, done.stdout) == (0, "served\n"), done.stderr
    assert otlp_http_sink.received == []
    assert "pazpaz-opentelemetry: Sentry is off: without the guards nothing is sent" in done.stderr.splitlines()


def test_an_agent_that_sends_by_itself_is_named(tmp_path: Path):
    """A library that sends telemetry past OpenTelemetry is named once, as soon as the application loads it."""
    (tmp_path / "elasticapm.py").touch()
    done = script("print('ready')\nimport elasticapm, elasticapm", tmp_path, {"OTEL_SDK_DISABLED": "true"})
    assert (done.returncode, done.stdout) == (0, "ready\n")
    assert done.stderr.count("elasticapm: sends telemetry of its own, which no guard judges") == 1
    assert "sends telemetry" not in script("", tmp_path, {"OTEL_SDK_DISABLED": "true"}).stderr
