"""`pazpaz-otel doctor`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

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
            assert findings[f"export of {signal}"] == ("ok", "delivered")
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
    assert findings["export of traces"] == ("fault", "not delivered: [Errno 111] Connection refused")
    assert "s3cr3t" not in output
    assert "passw0rd" not in output
    with HttpSink() as sink:
        sink.status = 401
        code, findings, output = _doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, **secret})
    assert code == 1
    assert findings["export of logs"] == ("fault", "not delivered: code: 401")
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
