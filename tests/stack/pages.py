"""Small HTTP servers of the tests' own: a metrics page, and what takes webhooks as Slack does."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class _Served:
    """A server on a free port of 127.0.0.1 for the length of a `with` block."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.target = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.target}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, body: bytes) -> str:
        """The answer to a request."""
        raise NotImplementedError


class Page(_Served):
    """One metrics page; change `text` at any time."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def answer(self, _path: str, _body: bytes) -> str:
        """The page."""
        return self.text


class Webhooks(_Served):
    """Takes webhooks and answers as Slack does.

    Attributes:
        received: path, body and its JSON, in order of arrival.
    """

    def __init__(self) -> None:
        super().__init__()
        self.received: list[tuple[str, bytes, Any]] = []

    def answer(self, path: str, body: bytes) -> str:
        """What Slack says when all is well."""
        self.received.append((path, body, json.loads(body)))
        return "ok"

    def slack(self) -> list[dict[str, Any]]:
        """The attachments that Slack would show."""
        return [message["attachments"][0] for path, _, message in self.received if path == "/slack"]


def _handler(served: _Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(b"")

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])))

        def _reply(self, body: bytes) -> None:
            answer = served.answer(self.path, body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
