"""Where telemetry goes: a process of its own that takes everything, at once, and counts it when asked.

`POST /{sender}/v1/traces` (and metrics, logs) is OTLP; any other POST is an envelope. `GET /{sender}` gives the counts.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import threading
import zlib
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_KINDS = {"v1/traces": "spans", "v1/logs": "logs", "v1/metrics": "metrics"}
_lock = threading.Lock()
_waiting: dict[tuple[str, str], list[bytes]] = defaultdict(list)
_counted: dict[tuple[str, str], int] = defaultdict(int)


class Handler(BaseHTTPRequestHandler):
    """Answers at once; what it got is decoded only when somebody asks for the counts."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Keeps the body."""
        body = self.rfile.read(int(self.headers["content-length"]))
        sender, _, rest = self.path.strip("/").partition("/")
        kind = _KINDS.get(rest, "envelopes")
        encoding = self.headers.get("content-encoding")
        if encoding:
            body = gzip.decompress(body) if encoding == "gzip" else zlib.decompress(body)
        with _lock:
            _waiting[sender, kind].append(body)
        self._answer(b"{}" if kind == "envelopes" else b"")

    def do_PUT(self) -> None:
        """Keeps the body, as some agents are sent theirs."""
        self.do_POST()

    def do_GET(self) -> None:
        """The counts of one sender: `spans` and `logs`, and requests of other kinds."""
        sender = self.path.strip("/")
        with _lock:
            for key, bodies in _waiting.items():
                _counted[key] += sum(_count(key[1], body) for body in bodies)
                bodies.clear()
            counts = {kind: count for (name, kind), count in _counted.items() if name == sender}
        self._answer(json.dumps(counts).encode())

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _count(kind: str, body: bytes) -> int:
    if kind == "spans":
        traces = ExportTraceServiceRequest.FromString(body)
        return sum(len(scope.spans) for resource in traces.resource_spans for scope in resource.scope_spans)
    if kind == "logs":
        logs = ExportLogsServiceRequest.FromString(body)
        return sum(len(scope.log_records) for resource in logs.resource_logs for scope in resource.scope_logs)
    return 1


def main() -> None:
    """Serves until standard input ends; says its port on standard output."""
    if "BENCH_CORE" in os.environ and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(os.environ["BENCH_CORE"])})
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
