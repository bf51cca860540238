"""A Sentry that is down, slow, full or broken, and a DSN that isn't one: the application serves on."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

import pytest

from pazpaz_otel.audit.sinks import HttpSink
from tests.programs import free_port, wait_until
from tests.stack import sentry_setup as setup

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.backend import Backend

pytestmark = pytest.mark.slow

SAID = re.compile(r"(Sentry [^\"\n]+)")
DOWN = "Sentry can't be reached: errors are dropped until it can"
FAULTS = {
    "slow": "",
    "garbage": "",  # said already, as nothing listened before
    "500": "Sentry fails (status 5xx): errors are dropped until it works again",
    "413": "Sentry rejected an error (status 413): it is too large",
    "403": "Sentry rejects errors (status 401, 403 or 404): no project has the key in SENTRY_DSN",
    # The last: the client sends nothing for a minute after it.
    "429": "Sentry limits the rate: errors are dropped until it accepts them again",
}
"""What a server does with a request, and what is said of it."""


class Server:
    """Answers every request in the way of its kind, one of `FAULTS`."""

    def __init__(self, port: int) -> None:
        self.requests = 0
        self.kind = ""
        self._changed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._changed.set()
        self._server.shutdown()
        self._server.server_close()

    def become(self, kind: str) -> None:
        """Answer in another way, and whoever still waits for an answer."""
        self.kind = kind
        self._changed.set()
        self._changed = threading.Event()

    def stall(self) -> None:
        """Keep a client waiting until the kind is another."""
        self._changed.wait(30)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.requests += 1
            kind = server.kind
            self.rfile.read(int(self.headers.get("content-length", 0)))
            if kind == "garbage":
                self.wfile.write(b"\x00 this is no HTTP \xff\r\n\r\n")
                return
            if kind == "slow":
                server.stall()
            self.send_response(int(kind) if kind.isdigit() else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _serves_on(backend: Backend, said: str = "") -> None:
    """Fail thrice, serve all the while, and until something was said about Sentry."""
    for _ in range(3):
        assert setup.call(f"{backend.url}/test/errors/zero_division")[0] == 500
        assert setup.call(f"{backend.url}/ping")[0] == 200
    wait_until(lambda: said in backend.log, f"{said!r} in the log", 20)
    assert setup.call(f"{backend.url}/ping")[0] == 200


def test_each_fault_of_the_server_is_said_once(tmp_path: Path) -> None:
    """Where nothing listens, and whatever Sentry answers then, requests are served, and the reason is said once."""
    port = free_port()
    dsn = f"http://0123456789abcdef0123456789abcdef@127.0.0.1:{port}/1"
    with HttpSink() as sink, setup.instrumented(tmp_path, dsn, sink.endpoint) as backend:
        _serves_on(backend, DOWN)
        with Server(port) as server:
            for kind, said in FAULTS.items():
                asked = server.requests
                server.become(kind)
                _serves_on(backend, said)
                wait_until(lambda: server.requests > asked, f"an error at a server that is {kind}", 20)  # noqa: B023
            backend.stop()
    assert SAID.findall(backend.log) == [DOWN, *filter(None, FAULTS.values())]


def test_a_dsn_that_is_none_is_said_once(tmp_path: Path) -> None:
    """With a DSN that isn't one, requests are served, the reason is said once, and the value isn't repeated."""
    said = "Sentry is off: the client can't be made of its DSN and options; check SENTRY_DSN"
    with HttpSink() as sink, setup.instrumented(tmp_path, "not a dsn", sink.endpoint) as backend:
        _serves_on(backend, said)
        backend.stop()
    assert SAID.findall(backend.log) == [said]
    assert "not a dsn" not in backend.log
