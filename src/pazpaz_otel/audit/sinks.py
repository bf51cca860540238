"""Receivers on loopback that keep every byte: OTLP over HTTP and gRPC, and Sentry envelopes.

They answer as a real receiver does, so that an exporter behaves as in production. What they keep is unpacked
(gzip, deflate) but not otherwise changed.

Source: OTLP specification 1.9, sections "OTLP/gRPC" and "OTLP/HTTP"; Sentry's envelope protocol.
"""

from __future__ import annotations

import gzip
import sys
import threading
import zlib
from concurrent import futures
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import grpc
    from google.protobuf.message import Message

_REQUESTS: dict[str, tuple[type[Message], type[Message]]] = {
    "traces": (trace_service_pb2.ExportTraceServiceRequest, trace_service_pb2.ExportTraceServiceResponse),
    "metrics": (metrics_service_pb2.ExportMetricsServiceRequest, metrics_service_pb2.ExportMetricsServiceResponse),
    "logs": (logs_service_pb2.ExportLogsServiceRequest, logs_service_pb2.ExportLogsServiceResponse),
}
_GRPC_METHODS = {
    f"/opentelemetry.proto.collector.{package}.v1.{service}/Export": signal
    for signal, package, service in (
        ("traces", "trace", "TraceService"),
        ("metrics", "metrics", "MetricsService"),
        ("logs", "logs", "LogsService"),
    )
}


@dataclass(frozen=True)
class Received:
    """One request as it arrived.

    Attributes:
        sink: ``otlp/http``, ``otlp/grpc``, ``sentry``, or ``http`` for a call of the application's own.
        path: the request's path or the gRPC method.
        headers: the request's headers, their names in lower case.
        body: the bytes, unpacked.
        message: the OTLP request, or None where it isn't one.
        when: when it arrived, if that says more than which route it is about.
    """

    sink: str
    path: str
    headers: dict[str, str]
    body: bytes
    message: Message | None
    when: str = ""


class Sink:
    """The base of all receivers: a context manager that keeps what arrives.

    Attributes:
        received: the requests, in order of arrival.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._arrived = threading.Condition()

    def keep(self, received: Received) -> None:
        """Keep a request, and wake those waiting for one."""
        with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()

    def wait_for(self, enough: Callable[[list[Received]], bool], timeout: float) -> bool:
        """Wait up to `timeout` seconds until enough has arrived; return whether it has."""
        with self._arrived:
            return self._arrived.wait_for(lambda: enough(self.received), timeout)

    def messages(self, kind: type[Message]) -> list[Message]:
        """Return the OTLP requests of one kind that arrived."""
        return [one.message for one in tuple(self.received) if isinstance(one.message, kind)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, unless the sender was gone: the audit ends applications in the middle of a request."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class HttpSink(Sink):
    """Receive OTLP/HTTP (protobuf and JSON) and Sentry envelopes on one port.

    Attributes:
        endpoint: the value for ``OTEL_EXPORTER_OTLP_ENDPOINT``.
        dsn: the value for ``SENTRY_DSN``.
        status: the HTTP status of its responses; set it to see how an exporter handles an error.
    """

    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        port = self._server.server_address[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self.dsn = f"http://0123456789abcdef0123456789abcdef@127.0.0.1:{port}/1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class GrpcSink(Sink):
    """Receive OTLP/gRPC.

    Attributes:
        endpoint: the value for ``OTEL_EXPORTER_OTLP_ENDPOINT``.
    """

    def __init__(self) -> None:
        import grpc  # noqa: PLC0415 - heavy, and needed by this sink only

        super().__init__()
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
        self._server.add_generic_rpc_handlers((_grpc_handler(self),))
        self.endpoint = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.stop(grace=None).wait(5)


def unpack(body: bytes, encoding: str) -> bytes:
    """Return the body without its content encoding; return it unchanged if the encoding is unknown."""
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    return body


def parse(signal: str, body: bytes, content_type: str) -> Message | None:
    """Return the OTLP request in a decompressed body, or None for an unknown signal.

    Raises:
        google.protobuf.message.DecodeError: the body isn't that request.
    """
    if signal not in _REQUESTS:
        return None
    request = _REQUESTS[signal][0]()
    if "json" in content_type:
        json_format.Parse(body, request, ignore_unknown_fields=True)
    else:
        request.ParseFromString(body)
    return request


def _handler(sink: HttpSink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = unpack(self._body(headers), headers.get("content-encoding", ""))
            if self.path.startswith("/api/"):
                sink.keep(Received("sentry", self.path, headers, body, None))
                self._answer(b'{"id": "0123456789abcdef0123456789abcdef"}', "application/json")
                return
            signal = self.path.rpartition("/")[2]
            content_type = headers.get("content-type", "")
            if signal not in _REQUESTS:
                sink.keep(Received("http", self.path, headers, body, None))
                self._answer(b"{}", "application/json")
                return
            sink.keep(Received("otlp/http", self.path, headers, body, parse(signal, body, content_type)))
            self._answer(b"{}" if "json" in content_type else b"", content_type or "application/x-protobuf")

        def do_GET(self) -> None:
            # Stands in for another service that an application calls: only the request's headers matter.
            headers = {name.lower(): value for name, value in self.headers.items()}
            sink.keep(Received("http", self.path, headers, b"", None))
            self._answer(b"{}", "application/json")

        def _body(self, headers: dict[str, str]) -> bytes:
            if headers.get("transfer-encoding", "").lower() != "chunked":
                return self.rfile.read(int(headers.get("content-length", 0)))
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _answer(self, body: bytes, content_type: str) -> None:
            self.send_response(sink.status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    return Handler


def _grpc_handler(sink: GrpcSink) -> grpc.GenericRpcHandler:
    import grpc  # noqa: PLC0415 - heavy, and needed by this sink only

    class Handler(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
            signal = _GRPC_METHODS.get(details.method)
            if signal is None:
                return None
            metadata: Iterable[tuple[str, object]] = details.invocation_metadata
            headers = {name: value if isinstance(value, str) else repr(value) for name, value in metadata}

            def export(body: bytes, _context: grpc.ServicerContext) -> bytes:
                sink.keep(Received("otlp/grpc", details.method, headers, body, parse(signal, body, "")))
                return bytes(_REQUESTS[signal][1]().SerializeToString())

            return grpc.unary_unary_rpc_method_handler(export)

    return Handler()
