"""`opentelemetry-instrument` before the command, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import (
    FAST,
    INSTRUMENT,
    Instrumented,
    attributes,
    everything,
    log_records,
    metric_names,
    resources,
    spans,
    tool,
)
from tests.programs import HttpSink, wait_until

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Dvora-Mizrahi-7731"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    """One run of the application, with its telemetry."""
    with HttpSink() as sink, Instrumented(tmp_path_factory.mktemp("clinic"), sink) as clinic:
        for path in ("", "/closed", "/broken"):
            clinic.call(f"/clients/{NAME}{path}?name={NAME}", {"user-agent": NAME, "referer": NAME})
        clinic.call(f"/clients/1/remind?url={sink.endpoint}/reminders/{NAME}", {"baggage": f"patient={NAME}"})
        wait_until(lambda: {"GET /clients/{client_id}/remind", "GET"} <= {span.name for span in spans(sink)}, "spans")
        wait_until(lambda: "http.server.request.duration" in metric_names(sink), "metrics")
        wait_until(lambda: log_records(sink), "logs")
        clinic.stop()
        yield sink, clinic


def test_traces_metrics_and_logs_arrive(run):
    """An uninstrumented application's requests, queries and calls arrive as spans, with routes for names."""
    sink, _ = run
    names = {span.name for span in spans(sink)}
    expected = {"GET /clients/{client_id}", "GET /clients/{client_id}/closed", "SELECT :memory:", "GET"}
    assert expected - {"SELECT :memory:"} <= names
    assert any(name.startswith("SELECT") for name in names)


def test_no_patient_leaves(run):
    """A name in the path, query, headers, log line, SQL parameter, exception and outgoing call is in no byte."""
    sink, _ = run
    assert NAME not in everything(sink).replace(f"/reminders/{NAME}", "")
    assert not any(NAME in value for received in sink.received for value in received.headers.values())


def test_the_statement_leaves_without_its_literals(run):
    """SQLAlchemy, 2.1 included, is traced, and the statement keeps the names that the application's metadata has."""
    sink, _ = run
    statements = [attributes(span).get("db.query.text") for span in spans(sink)]
    assert any(text and "SELECT clients.id, clients.name" in text for text in statements)


def test_a_literal_of_the_source_is_readable(run):
    """An error's message leaves whole if it stands in the source, and as its template if the source composes it."""
    sink, _ = run
    messages = {attributes(event).get("exception.message") for span in spans(sink) for event in span.events}
    assert messages == {"Clinic is closed", "no appointment for {name}"}


def test_a_log_line_leaves_as_its_template(run):
    """A log record's body is the text of the source, its values left out, linked to its trace."""
    sink, _ = run
    read = [record for record in log_records(sink) if record.body.string_value == "client read by %s"]
    assert read
    assert all(len(record.trace_id) == 16 for record in read)


def test_no_noise(run):
    """No span for sending, receiving or connecting, and none for probes."""
    sink, _ = run
    names = {span.name for span in spans(sink)}
    assert not any("http send" in name or "http receive" in name or name == "connect" for name in names)
    assert "GET /health" not in names


def test_the_distribution_says_who_it_is(run):
    """The resource names the distribution, the policy's digest and the service."""
    sink, _ = run
    resource = resources(sink)[0]
    assert resource["telemetry.distro.name"] == "pazpaz-opentelemetry"
    assert len(resource["pazpaz_otel.policy.digest"]) == 16
    assert resource["service.name"] == "clinic"


def test_baggage_stays(run):
    """A caller's baggage isn't handed on to another host; the trace is."""
    sink, _ = run
    [reminder] = [received for received in sink.received if received.path.startswith("/reminders")]
    assert "baggage" not in reminder.headers
    assert "traceparent" in reminder.headers


def test_an_unsampled_parent_does_not_silence(tmp_path: Path, otlp_http_sink: HttpSink):
    """A browser that sends `-00` for most of its traces still gets its errors traced."""
    with Instrumented(tmp_path, otlp_http_sink) as clinic:
        clinic.call("/clients/1/closed", {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"})
        [span] = wait_until(lambda: spans(otlp_http_sink), "the span")
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"


def test_the_sampler_keeps_its_meaning(tmp_path: Path, otlp_http_sink: HttpSink):
    """`OTEL_TRACES_SAMPLER` is the user's: `always_off` sends metrics and no span."""
    with Instrumented(tmp_path, otlp_http_sink, {"OTEL_TRACES_SAMPLER": "always_off"}) as clinic:
        clinic.call("/clients/1")
        wait_until(lambda: "http.server.request.duration" in metric_names(otlp_http_sink), "metrics")
    assert spans(otlp_http_sink) == []


def test_the_sdk_can_be_disabled(tmp_path: Path, otlp_http_sink: HttpSink):
    """`OTEL_SDK_DISABLED=true` sends nothing, and the application serves."""
    with Instrumented(tmp_path, otlp_http_sink, {"OTEL_SDK_DISABLED": "true"}) as clinic:
        assert clinic.call("/clients/1")[0] == 200
    assert otlp_http_sink.received == []


def test_metrics_can_be_turned_off(tmp_path: Path, otlp_http_sink: HttpSink):
    """`ENABLE_METRICS=false` sends traces and no metrics."""
    with Instrumented(tmp_path, otlp_http_sink, {"ENABLE_METRICS": "false"}) as clinic:
        clinic.call("/clients/1")
        wait_until(lambda: spans(otlp_http_sink), "spans")
    assert metric_names(otlp_http_sink) == set()


def test_the_duplicate_conventions_count_once(tmp_path: Path, otlp_http_sink: HttpSink):
    """With `http/dup` the old names come besides; the new duration is counted once a request."""
    with Instrumented(tmp_path, otlp_http_sink, {"OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup"}) as clinic:
        for _ in range(3):
            clinic.call("/clients/1")
        wait_until(lambda: "http.server.duration" in metric_names(otlp_http_sink), "both metrics")
        clinic.stop()
    last = [received.message for received in otlp_http_sink.received if "metrics" in received.path][-1]
    counts = {
        metric.name: sum(point.count for point in metric.histogram.data_points)
        for of_resource in last.resource_metrics
        for of_scope in of_resource.scope_metrics
        for metric in of_scope.metrics
        if metric.name in {"http.server.duration", "http.server.request.duration"}
    }
    assert counts == {"http.server.duration": 3, "http.server.request.duration": 3}


def test_configure_does_the_same_in_code(tmp_path: Path, otlp_http_sink: HttpSink):
    """`pazpaz_otel.configure()` needs no command before the program."""
    program = (
        "import pazpaz_otel; pazpaz_otel.configure()\n"
        "import logging\n"
        "from opentelemetry import trace\n"
        "with trace.get_tracer(__name__).start_as_current_span('tidy up'):\n"
        "    logging.getLogger('tidy').warning('tidied %s', 'x')\n"
        "pazpaz_otel.counter('appointments.created').add(1, {'workspace.id': '0190b3f2-7c1a-7d3e-8a2b-0123456789ab'})\n"
    )
    file = tmp_path / "tidy.py"
    file.write_text(program)
    environment = {**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": otlp_http_sink.endpoint}
    subprocess.run([sys.executable, str(file)], env=environment, check=True, timeout=60)
    assert [span.name for span in spans(otlp_http_sink)] == ["tidy up"]
    assert [record.body.string_value for record in log_records(otlp_http_sink)] == ["tidied %s"]
    assert "appointments.created" in metric_names(otlp_http_sink)


def test_an_endpoint_that_is_down_is_said_once(tmp_path: Path):
    """With nothing at the endpoint the application serves on; the loss is said in one line, without a value."""
    environment = {"OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    with Instrumented(tmp_path, None, environment) as clinic:
        assert clinic.call(f"/clients/{NAME}?name={NAME}")[0] == 200
        wait_until(lambda: "spans are lost" in clinic.log, "the line")
        assert [clinic.call("/clients/1")[0] for _ in range(20)] == [200] * 20
        clinic.stop()
    assert clinic.log.count("spans are lost") == 1


def test_a_start_parses_no_whole_source(tmp_path: Path):
    """The trees that prove a name would stay in memory, megabytes of them, and take longer than all else at start."""
    program = tmp_path / "program.py"
    program.write_text("from pazpaz_otel.redact.provenance import source\nprint(list(source._trees))\n")
    done = subprocess.run(
        [tool("opentelemetry-instrument"), sys.executable, str(program)],
        env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_lost_spans_are_counted(tmp_path: Path, otlp_http_sink: HttpSink):
    """Spans that an endpoint refuses are in `pazpaz_otel.guard.dropped`, under `export_failed`."""
    with HttpSink() as refusing:
        refusing.status = 400
        environment = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{refusing.endpoint}/v1/traces"}
        with Instrumented(tmp_path, otlp_http_sink, environment) as clinic:
            clinic.call("/clients/1")
            wait_until(lambda: "export_failed" in everything(otlp_http_sink), "the count")


def test_a_console_exporter_is_guarded(tmp_path: Path):
    """What the console exporters print is guarded like what is sent."""
    file = tmp_path / "shout.py"
    file.write_text(
        "import logging, sys\nfrom opentelemetry import trace\n"
        "name = sys.argv[1]\n"
        "with trace.get_tracer('shout').start_as_current_span(f'note of {name}') as span:\n"
        "    span.set_attribute('client.name', name)\n"
        "    logging.getLogger('shout').warning(f'note of {name}')\n"
    )
    exporters = dict.fromkeys(("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"), "console")
    command = [tool("opentelemetry-instrument"), sys.executable, str(file), NAME]
    done = subprocess.run(command, env={**FAST, **exporters}, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.count(json.dumps("note of {name}")) == 2
    assert NAME not in done.stdout


@pytest.mark.parametrize("path", ["", "/srv/desk:/srv/till"])
def test_programs_are_started_as_the_command_starts_them(tmp_path: Path, path: str):
    """What most tests start instead of `opentelemetry-instrument` says the same of where Python looks first."""
    environment = {**os.environ, "PYTHONPATH": path}
    told = [
        subprocess.check_output([*start, "/usr/bin/printenv", "PYTHONPATH"], env=environment, cwd=tmp_path)
        for start in ([tool("opentelemetry-instrument")], INSTRUMENT)
    ]
    assert told[0] == told[1]
