"""The receivers that keep every byte."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from urllib.request import Request, urlopen

import pytest
from google.protobuf import json_format
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

from pazpaz_otel.audit.sinks import GrpcSink, HttpSink
from tests.programs import wait_until
from tests.programs.envelopes import envelope_items


def _request() -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(name="hello")
    return request


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    with urlopen(Request(url, body, headers), timeout=10) as answer:
        return int(answer.status)


@pytest.mark.parametrize(("encoding", "pack"), [("", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)])
@pytest.mark.parametrize("content_type", ["application/x-protobuf", "application/json"])
def test_otlp_http_is_kept_and_parsed(encoding: str, pack: object, content_type: str) -> None:
    """Each encoding of OTLP/HTTP arrives as the same request."""
    request = _request()
    plain = json_format.MessageToJson(request).encode() if "json" in content_type else request.SerializeToString()
    with HttpSink() as sink:
        headers = {"Content-Type": content_type, "Content-Encoding": encoding}
        assert _post(f"{sink.endpoint}/v1/traces", pack(plain), headers) == 200  # type: ignore[operator]
        assert [request] == sink.messages(ExportTraceServiceRequest)
        assert [plain] == [one.body for one in sink.received]


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_the_sdks_exporters_are_served(protocol: str) -> None:
    """What the stock exporters send is kept, over HTTP and gRPC."""
    with HttpSink() as http, GrpcSink() as grpc:
        exporter: SpanExporter
        if protocol == "http":
            exporter, sink = HttpExporter(endpoint=f"{http.endpoint}/v1/traces"), http
        else:
            exporter, sink = GrpcExporter(endpoint=grpc.endpoint, insecure=True), grpc  # type: ignore[assignment]
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        provider.get_tracer("t").start_span("hello").end()
        (message,) = sink.messages(ExportTraceServiceRequest)
        assert message.resource_spans[0].scope_spans[0].spans[0].name == "hello"  # type: ignore[attr-defined]
        provider.shutdown()


def test_sentry_envelopes_are_kept_and_split() -> None:
    """An envelope arrives whole, and its items are told apart by their lengths, newlines inside them included."""
    payload = b'{"message":\n"x"}'
    item = json.dumps({"type": "event", "length": len(payload)}).encode()
    body = b'{"event_id":"1"}\n' + item + b"\n" + payload + b"\n" + b'{"type":"session"}\n{}\n'
    with HttpSink() as sink:
        _post(f"{sink.endpoint}/api/1/envelope/", gzip.compress(body), {"Content-Encoding": "gzip"})
        (received,) = sink.received
    assert received.sink == "sentry"
    assert envelope_items(received.body) == [
        ({"event_id": "1"}, b""),
        ({"type": "event", "length": len(payload)}, payload),
        ({"type": "session"}, b"{}"),
    ]


def test_a_sender_that_is_gone_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    """An application that ends with its connection open, as the audit ends it, leaves no traceback in the output."""
    with HttpSink() as sink:
        threads = threading.active_count()
        with socket.create_connection(("127.0.0.1", int(sink.endpoint.rpartition(":")[2]))) as sender:
            wait_until(lambda: threading.active_count() > threads, "the connection's thread", 10)
            # Closing resets the connection.
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wait_until(lambda: threading.active_count() <= threads, "the end of the connection's thread", 10)
    assert capfd.readouterr().err == ""
