"""`pazpaz-otel doctor`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.sinks import GrpcSink, HttpSink
from pazpaz_otel.settings import inherited
from tests.programs import free_port

pytestmark = pytest.mark.slow


def _doctor(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, tuple[str, str]], str]:
    command = [str(Path(sys.executable).with_name("pazpaz-otel")), "doctor", "--json", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=inherited(environment), capture_output=True, text=True, timeout=120, check=False
    )
    findings = json.loads(done.stdout)
    return done.returncode, {one["subject"]: (one["state"], one["text"]) for one in findings}, done.stdout + done.stderr


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_all_is_well(protocol: str, tmp_path: Path) -> None:
    """With a receiver that takes all, one span, one metric and one log record arrive, and nothing is at fault."""
    with HttpSink() as http, GrpcSink() as grpc:
        sink = grpc if protocol == "grpc" else http
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol}
        code, findings, _ = _doctor(tmp_path, settings)
        assert code == 0, findings
        for signal in ("traces", "metrics", "logs"):
            assert findings[f"export of {signal}"] == ("ok", f"delivered to {sink.endpoint}")
        for kind in (ExportTraceServiceRequest, ExportMetricsServiceRequest, ExportLogsServiceRequest):
            assert len(sink.messages(kind)) == 1
    assert findings["guards"][0] == "ok"
    for name in ("FastAPI", "HTTPX", "logging", "redis", "SQLAlchemy", "threading"):
        assert name in findings["instrumentations"][1]


def test_an_endpoint_that_is_down_or_refuses(tmp_path: Path) -> None:
    """The reason why nothing arrives is the exporter's own, and no header's value is in the output."""
    secret = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer s3cr3t-t0ken"}
    nowhere = f"http://user:passw0rd@127.0.0.1:{free_port()}"
    code, findings, output = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": nowhere, **secret})
    assert code == 1
    assert findings["export of traces"][0] == "fault"
    assert findings["export of traces"][1].startswith("not delivered: [Errno 111] Connection refused (http://***@127")
    assert "is anything listening there?" in output
    assert "s3cr3t" not in output
    assert "passw0rd" not in output
    with HttpSink() as sink:
        sink.status = 401
        code, findings, output = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, **secret})
    assert code == 1
    assert findings["export of logs"] == ("fault", f"not delivered: code: 401 ({sink.endpoint})")
    assert "with the receiver's token" in output
    assert "s3cr3t" not in output


def test_a_broken_policy_is_named(tmp_path: Path) -> None:
    """A policy that can't be used is a fault, with its file and line."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nextends: default\nattributes: {a: nothing}\n")
    code, findings, _ = _doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(broken)}, "--no-send")
    assert code == 1
    assert findings["guards"][0] == "fault"
    assert "broken.yaml:3" in findings["guards"][1]


def test_another_distribution_that_is_named_is_a_fault(tmp_path: Path) -> None:
    """Settings that choose an unguarded distribution are a fault."""
    settings = {"OTEL_PYTHON_CONFIGURATOR": "configurator"}
    code, findings, _ = _doctor(tmp_path, settings, "--no-send")
    assert code == 1
    assert findings["OTEL_PYTHON_CONFIGURATOR"][0] == "fault"


def test_unguarded_handlers_are_named(tmp_path: Path) -> None:
    """A log handler without a guard is a fault: a server's default access log writes paths and queries."""
    (tmp_path / "plain.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n")
    code, findings, output = _doctor(tmp_path, {}, "--no-send", "--app", "plain:app")
    assert code == 1
    assert findings["log handler"][0] == "fault"
    assert "logger uvicorn.access" in output


def test_a_trace_is_read_back(tmp_path: Path) -> None:
    """With Tempo's address, the synthetic trace is looked for by its id."""
    asked: list[str] = []

    class Tempo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if len(asked) > 1 else 404)
            self.end_headers()
            self.wfile.write(b'{"batches": [{}]}')

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Tempo)
    Thread(target=server.serve_forever, daemon=True).start()
    with HttpSink() as sink:
        tempo = f"http://127.0.0.1:{server.server_address[1]}"
        code, findings, _ = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint}, "--tempo", tempo)
        (message,) = sink.messages(ExportTraceServiceRequest)
    server.shutdown()
    server.server_close()
    trace_id = message.resource_spans[0].scope_spans[0].spans[0].trace_id.hex()  # type: ignore[attr-defined]
    assert code == 0, findings
    assert findings["Tempo"] == ("ok", f"has the trace {trace_id}")
    assert asked == [f"/api/traces/{trace_id}"] * 2


def test_the_test_error_reaches_sentry(tmp_path: Path) -> None:
    """`--send-test-error` sends one error, and says under which id."""
    with HttpSink() as sink:
        code, findings, _ = _doctor(tmp_path, {"SENTRY_DSN": sink.dsn}, "--no-send", "--send-test-error")
        bodies = b"".join(one.body for one in sink.received if one.sink == "sentry")
    assert code == 0, findings
    assert findings["Sentry"][1].rpartition(" ")[2].encode() in bodies


class _Receiver:
    """Takes OTLP on a port of one's choice, with a clock that is wrong by some seconds."""

    def __init__(self, port: int = 0, ahead: float = 0.0) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(405)
                self.end_headers()

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(int((timestamp or time.time()) + ahead))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", port), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_clocks_that_disagree(tmp_path: Path) -> None:
    """A receiver whose clock is ten minutes ahead is a fault; one that agrees isn't."""
    with _Receiver(ahead=600) as receiver:
        code, findings, output = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
    assert code == 1
    assert findings["clock"][0] == "fault"
    assert "behind the receiver's" in findings["clock"][1]
    assert "NTP" in output
    with _Receiver() as receiver:
        _, findings, _ = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
    assert findings["clock"][0] == "ok"


def test_the_door_of_untrusted_senders_is_told(tmp_path: Path) -> None:
    """A sender without a token at the Collector's usual port is told where trusted senders knock."""
    try:
        receiver = _Receiver(4318)
    except OSError:
        pytest.skip("port 4318 of this machine is taken")
    with receiver:
        code, findings, output = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
        assert code == 0
        assert findings["Collector's door"][0] == "note"
        assert "port 4328" in output
        token = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20t"}
        _, findings, _ = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, **token})
    assert "Collector's door" not in findings


def test_a_policy_that_the_collector_does_not_know(tmp_path: Path) -> None:
    """A wall that was rendered from another policy is a fault; the one that this policy makes isn't."""
    shipped = str(Path(__file__).parents[2] / "collector")
    code, findings, _ = _doctor(tmp_path, {}, "--no-send", "--collector", shipped)
    assert (code, findings["Collector"][0]) == (0, "ok")
    own = tmp_path / "policy.yaml"
    own.write_text("version: 1\nextends: default\nattributes: {clinic.room: {enum: [blue]}}\n")
    code, findings, output = _doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(own)}, "--no-send", "--collector", shipped)
    assert (code, findings["Collector"][0]) == (1, "fault")
    assert "collector render" in output


def test_workers_without_a_ledger(tmp_path: Path) -> None:
    """Several workers that each serve their own counts are a fault, with the hint."""
    settings = {"WEB_CONCURRENCY": "4", "PAZPAZ_OTEL_LEDGER": "off", "OTEL_METRICS_EXPORTER": "prometheus"}
    code, findings, output = _doctor(tmp_path, settings, "--no-send")
    assert (code, findings["workers"][0]) == (1, "fault")
    assert "PAZPAZ_OTEL_LEDGER" in output
    _, findings, _ = _doctor(tmp_path, {"WEB_CONCURRENCY": "4"}, "--no-send")
    assert findings["workers"][0] == "ok"


def test_a_second_provider_is_named(tmp_path: Path) -> None:
    """An application that makes a provider of its own beside ours is told so."""
    (tmp_path / "two.py").write_text(
        "from opentelemetry.sdk.trace import TracerProvider\nspare = TracerProvider()\napp = 1\n"
    )
    _, findings, _ = _doctor(tmp_path, {}, "--no-send", "--app", "two:app")
    assert findings["TracerProvider"][0] == "note"


def test_the_verdict_comes_first(tmp_path: Path) -> None:
    """A person reads the verdict, then the faults with their hints; no escape is written where there is no terminal."""
    command = [str(Path(sys.executable).with_name("pazpaz-otel")), "doctor", "--no-send"]
    environment = inherited({"OTEL_EXPORTER_OTLP_PROTOCOL": "grcp", "OTEL_TRACES_EXPORTER": "none"})
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    first, _, *rest = done.stdout.splitlines()
    assert done.returncode == 1
    assert first.startswith("1 fault, ")
    assert rest[0].startswith("FAULT OTEL_EXPORTER_OTLP_PROTOCOL")
    assert "\x1b[" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120


@pytest.mark.parametrize(
    "settings",
    [
        {"OTEL_TRACES_SAMPLER": "always_off"},
        {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"},
    ],
)
def test_a_sampler_that_keeps_nothing(settings: dict[str, str], tmp_path: Path) -> None:
    """Where no request is traced the doctor says so, and its own items arrive all the same."""
    with HttpSink() as sink:
        code, findings, output = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, **settings})
        assert len(sink.messages(ExportTraceServiceRequest)) == 1
    assert code == 0, findings
    assert "no request is traced" in output


@pytest.mark.parametrize("name", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"])
def test_a_value_that_the_sdk_refuses(name: str, tmp_path: Path) -> None:
    """A value over which the SDK raises is a fault among the others, not the end of the doctor."""
    with HttpSink() as sink:
        code, findings, _ = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, name: "many"})
    assert code == 1
    assert "fault" in {state for state, _ in findings.values()}


def test_a_setting_of_ours_that_cannot_be_used(tmp_path: Path) -> None:
    """A value that is no value of its variable is a finding with a hint, and everything else is looked at."""
    code, findings, output = _doctor(tmp_path, {"PAZPAZ_OTEL_GUARD_OUTPUT": "ja", "ENABLE_METRICS": "2"}, "--no-send")
    assert code == 1
    for name in ("PAZPAZ_OTEL_GUARD_OUTPUT", "ENABLE_METRICS"):
        assert findings[name] == ("fault", "must be true or false: nothing is exported")
    assert "unset it" in output
    assert "opentelemetry_distro" in findings


def test_a_policy_without_the_default(tmp_path: Path) -> None:
    """A policy that extends nothing works, and is pointed at; our own metrics aren't offered for declaration."""
    own = tmp_path / "policy.yaml"
    own.write_text("version: 1\nattributes: {clinic.room: uuid}\n")
    _, _, output = _doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(own)}, "--no-send")
    assert "doesn't extend `default`" in output
    assert "extends: default" in output
    assert "pazpaz_otel.guard.dropped" not in output


def test_a_fault_of_the_policy_is_not_buried(tmp_path: Path) -> None:
    """What follows from a policy that can't be used isn't told beside it; the cure is."""
    own = tmp_path / "policy.yaml"
    own.write_text("version: 1\nextends: default\nattributes: [\n")
    code, findings, output = _doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(own)}, "--no-send")
    assert code == 1
    assert not [subject for subject in findings if subject.startswith("instrumentation")]
    assert "policy check" in output


def test_the_application_s_own_page_of_metrics_is_named(tmp_path: Path) -> None:
    """A page that the application serves from `prometheus_client` is named: nothing guards its labels."""
    (tmp_path / "counts.py").write_text(
        "from fastapi import FastAPI\nfrom prometheus_client import make_asgi_app\n"
        "app = FastAPI()\napp.mount('/internal/metrics', make_asgi_app())\n"
    )
    _, findings, output = _doctor(tmp_path, {}, "--no-send", "--app", "counts:app")
    assert findings["GET /internal/metrics"][0] == "note"
    assert "OTEL_METRICS_EXPORTER=prometheus" in output
    _, findings, _ = _doctor(tmp_path, {}, "--no-send")
    assert "--app" in findings["log handlers"][1]
