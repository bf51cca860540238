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

pytestmark = pytest.mark.slow

SAID = re.compile(r"(Sentry [^\"\n]+)")


class Server:
    """Answers every request in the way of its kind.

    Args:
        kind: a status, `garbage` or `slow`.
    """

    def __init__(self, kind: str) -> None:
        self.requests = 0
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, kind))
        self._server.daemon_threads = True
        self.dsn = f"http://0123456789abcdef0123456789abcdef@127.0.0.1:{self._server.server_address[1]}/1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def stall(self) -> None:
        """Keep a client waiting until the test ends."""
        self._closing.wait(30)


def _handler(server: Server, kind: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.requests += 1
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


def _serves_on(folder: Path, dsn: str, said: str | None) -> list[str]:
    """Fail thrice, serve all the while, and return what was said about Sentry."""
    with HttpSink() as sink, setup.instrumented(folder, dsn, sink.endpoint) as backend:
        for _ in range(3):
            assert setup.call(f"{backend.url}/test/errors/zero_division")[0] == 500
            assert setup.call(f"{backend.url}/ping")[0] == 200
        if said is not None:
            wait_until(lambda: said in backend.log, f"{said!r} in the log", 20)
        assert setup.call(f"{backend.url}/ping")[0] == 200
        backend.stop()
        return SAID.findall(backend.log)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("429", "Sentry limits the rate: errors are dropped until it accepts them again"),
        ("500", "Sentry fails (status 5xx): errors are dropped until it works again"),
        ("413", "Sentry rejected an error (status 413): it is too large"),
        ("403", "Sentry rejects errors (status 401, 403 or 404): no project has the key in SENTRY_DSN"),
        ("garbage", "Sentry can't be reached: errors are dropped until it can"),
        ("slow", None),
    ],
)
def test_a_broken_server_is_said_once(kind: str, said: str | None, tmp_path: Path) -> None:
    """Whatever Sentry answers, requests are served, and the reason is said once."""
    with Server(kind) as server:
        lines = _serves_on(tmp_path, server.dsn, said)
        assert server.requests >= 1
    assert lines == ([] if said is None else [said])


def test_a_server_that_is_down_is_said_once(tmp_path: Path) -> None:
    """Where nothing listens, requests are served, and the reason is said once."""
    said = "Sentry can't be reached: errors are dropped until it can"
    dsn = f"http://0123456789abcdef0123456789abcdef@127.0.0.1:{free_port()}/1"
    assert _serves_on(tmp_path, dsn, said) == [said]


@pytest.mark.parametrize("dsn", ["not a dsn", "https://sentry.example", "ftp://a@b/1", "http://a@b/", "://"])
def test_a_dsn_that_is_none_is_said_once(dsn: str, tmp_path: Path) -> None:
    """With a DSN that isn't one, requests are served, the reason is said once, and the value isn't repeated."""
    lines = _serves_on(tmp_path, dsn, "Sentry is off")
    assert lines == ["Sentry is off: the client can't be made of its DSN and options"]


def test_without_a_dsn_nothing_is_said_aloud(tmp_path: Path) -> None:
    """Without `SENTRY_DSN` there is no client and no warning."""
    assert _serves_on(tmp_path, "", None) == []
