"""What `pazpaz-otel doctor` says of sending: endpoints, receivers, Tempo, Sentry, samplers."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from threading import Barrier, BrokenBarrierError, Thread
from typing import TYPE_CHECKING, Any, Self

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.sinks import GrpcSink, HttpSink
from tests.integration.doctor import doctor, run
from tests.programs import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_all_is_well(protocol: str, tmp_path: Path) -> None:
    """With a receiver that takes all, one span, one metric and one log record arrive, and nothing is at fault."""
    with HttpSink() as http, GrpcSink() as grpc:
        sink = grpc if protocol == "grpc" else http
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol}
        code, findings, _ = doctor(tmp_path, settings)
        assert code == 0, findings
        for signal in ("traces", "metrics", "logs"):
            assert findings[f"export of {signal}"] == ("ok", f"delivered to {sink.endpoint}")
        for kind in (ExportTraceServiceRequest, ExportMetricsServiceRequest, ExportLogsServiceRequest):
            assert len(sink.messages(kind)) == 1
    assert findings["guards"][0] == "ok"
    for name in ("FastAPI", "HTTPX", "logging", "redis", "SQLAlchemy", "threading"):
        assert name in findings["instrumentations"][1]


def test_the_signals_are_sent_at_once(tmp_path: Path) -> None:
    """No signal waits for the answer to another: a receiver that answers only when all three are there takes them."""
    together = Barrier(3)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            try:
                together.wait(20)
                self.send_response(200)
            except BrokenBarrierError:
                self.send_response(400)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        _, findings, _ = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint})
        server.shutdown()
    assert [findings[f"export of {signal}"][0] for signal in ("traces", "metrics", "logs")] == ["ok"] * 3


def test_an_endpoint_that_is_down_or_refuses(tmp_path: Path) -> None:
    """The reason why nothing arrives is the exporter's own, and no header's value is in the output."""
    secret = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer s3cr3t-t0ken"}
    nowhere = f"http://user:passw0rd@127.0.0.1:{free_port()}"
    code, findings, output = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": nowhere, **secret})
    assert code == 1
    assert findings["export of traces"][0] == "fault"
    assert findings["export of traces"][1].startswith("not delivered: [Errno 111] Connection refused (http://***@127")
    assert "is anything listening there?" in output
    assert "s3cr3t" not in output
    assert "passw0rd" not in output
    with HttpSink() as sink:
        sink.status = 401
        code, findings, output = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, **secret})
    assert code == 1
    assert findings["export of logs"] == ("fault", f"not delivered: code: 401 ({sink.endpoint})")
    assert "with the receiver's token" in output
    assert "s3cr3t" not in output


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
        code, findings, _ = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint}, "--tempo", tempo)
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
        # It sets Sentry up, so in a process of its own.
        done = run(tmp_path, {"SENTRY_DSN": sink.dsn}, "--json", "--no-send", "--send-test-error")
        bodies = b"".join(one.body for one in sink.received if one.sink == "sentry")
    assert done.returncode == 0, done.stdout
    [told] = [finding["text"] for finding in json.loads(done.stdout) if finding["subject"] == "Sentry"]
    assert told.rpartition(" ")[2].encode() in bodies


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
        code, findings, output = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
    assert code == 1
    assert findings["clock"][0] == "fault"
    assert "behind the receiver's" in findings["clock"][1]
    assert "NTP" in output
    with _Receiver() as receiver:
        _, findings, _ = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
    assert findings["clock"][0] == "ok"


def test_the_door_of_untrusted_senders_is_told(tmp_path: Path) -> None:
    """A sender without a token at the Collector's usual port is told where trusted senders knock."""
    try:
        receiver = _Receiver(4318)
    except OSError:
        pytest.skip("port 4318 of this machine is taken")
    with receiver:
        code, findings, output = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
        assert code == 0
        assert findings["Collector's door"][0] == "note"
        assert "port 4328" in output
        token = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20t"}
        _, findings, _ = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint, **token})
    assert "Collector's door" not in findings


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
        code, findings, output = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, **settings})
        assert len(sink.messages(ExportTraceServiceRequest)) == 1
    assert code == 0, findings
    assert "no request is traced" in output


@pytest.mark.parametrize("name", ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"])
def test_a_value_that_the_sdk_refuses(name: str, tmp_path: Path) -> None:
    """A value over which the SDK raises is a fault among the others, not the end of the doctor."""
    with HttpSink() as sink:
        code, findings, _ = doctor(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, name: "many"})
    assert code == 1
    assert "fault" in {state for state, _ in findings.values()}
