"""What the browser's tests need: the built page on a server, a Sentry endpoint for browsers, a driven Chromium."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from pazpaz_otel.audit.sinks import Received, Sink, unpack
from tests.programs.debian import debian_binary
from tests.programs.envelopes import envelope_items
from tests.programs.frontend import drivers_folder, frontend_folder
from tests.programs.npm import node

if TYPE_CHECKING:
    from pathlib import Path

_PASSED_ON = ("content-type", "content-encoding", "x-sentry-auth")
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}


def content_security_policy(dsn: str) -> str:
    """The policy that the package gives for a DSN."""
    module = frontend_folder() / "package" / "dist" / "vite" / "index.js"
    code = (
        f"import {{ contentSecurityPolicy }} from {json.dumps(str(module))};"
        f"console.log(contentSecurityPolicy({json.dumps(dsn)}))"
    )
    return run_node(["--input-type=module", "-e", code]).strip()


def run_node(arguments: list[str], given: Any = None) -> str:
    """What one of `frontend/e2e`'s programs prints; it gets `given` as JSON on its standard input."""
    done = subprocess.run(
        [node(), *arguments],
        cwd=drivers_folder(),
        env={**os.environ, "CHROMIUM": str(debian_binary("chromium-headless-shell"))},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


class Server:
    """A server on a free port of 127.0.0.1, for the length of a `with` block."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; what calls it then is refused."""
        self._server.shutdown()
        self._server.server_close()


class Ingest(Sink):
    """Takes envelopes from browsers, and passes them on where there is a server behind.

    Args:
        behind: the DSN of a real server.
        status: what it answers where there is none.
    """

    def __init__(self, behind: str = "", status: int = 200) -> None:
        super().__init__()
        self.status = status
        self.answers: list[int] = []
        self._behind = urlsplit(behind)
        self.server = Server(_ingest_handler(self))
        key = self._behind.username or "0123456789abcdef0123456789abcdef"
        self.dsn = f"http://{key}@127.0.0.1:{self.server.port}/{self._behind.path.strip('/') or '1'}"

    def items(self, kind: str) -> list[dict[str, Any]]:
        """The payloads of one kind that are JSON, in the order of arrival."""
        return [json.loads(payload) for header, payload in self._items() if header.get("type") == kind]

    def recordings(self) -> list[bytes]:
        """The payloads of recordings, as they came."""
        return [payload for header, payload in self._items() if header.get("type") == "replay_recording"]

    def kinds(self) -> set[str]:
        """The kinds of the items that arrived."""
        return {str(header["type"]) for header, _ in self._items()}

    def _items(self) -> list[tuple[dict[str, object], bytes]]:
        return [item for one in tuple(self.received) for item in envelope_items(one.body)[1:]]

    def forward(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """What the server behind answers."""
        if not self._behind.port:
            return self.status
        connection = http.client.HTTPConnection("127.0.0.1", self._behind.port, timeout=30)
        with contextlib.closing(connection):
            kept = {name: headers[name] for name in _PASSED_ON if name in headers}
            connection.request("POST", path, body, kept)
            return connection.getresponse().status


def _ingest_handler(ingest: Ingest) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            unpacked = unpack(body, headers.get("content-encoding", ""))
            ingest.keep(Received("sentry", self.path, headers, unpacked, None))
            ingest.answers.append(ingest.forward(self.path, body, headers))
            answer(self, ingest.answers[-1], b"{}", "application/json", {"Access-Control-Allow-Origin": "*"})

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            ingest.keep(Received("http", self.path, headers, b"", None))
            answer(self, 200, b"{}", "application/json", {"Access-Control-Allow-Origin": "*"})

        def do_OPTIONS(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            ingest.keep(Received("http", self.path, headers, b"", None))
            allow = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
            answer(self, 204, b"", "text/plain", allow)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def page_server(root: Path, backend: str, dsn: str, policy: str) -> Server:
    """The built page as nginx serves it: its headers, its index for every path, the API passed through.

    Args:
        root: the folder of the built page.
        backend: the API's origin.
        dsn: put into the page when it is served.
        policy: the Content-Security-Policy; none where empty.
    """
    headers = {"Referrer-Policy": "no-referrer", **({"Content-Security-Policy": policy} if policy else {})}
    origin = urlsplit(backend)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path.startswith(("/api/", "/test/")):
                self.pass_on()
                return
            file = root / path.lstrip("/")
            if not path.startswith("/assets/") or not file.is_file():
                file = root / "index.html"
            body = file.read_bytes()
            if file.name == "index.html":
                body = body.replace(b'name="sentry-dsn" content=""', f'name="sentry-dsn" content="{dsn}"'.encode())
            answer(self, 200, body, _TYPES.get(file.suffix, "application/octet-stream"), headers)

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            connection = http.client.HTTPConnection(origin.hostname or "", origin.port, timeout=30)
            with contextlib.closing(connection):
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                response = connection.getresponse()
                kept = {name: value for name in ("x-request-id",) if (value := response.getheader(name))}
                passed = response.read()
            answer(self, response.status, passed, response.getheader("content-type") or "text/plain", kept)

        def do_POST(self) -> None:
            self.pass_on()

        def do_PUT(self) -> None:
            self.pass_on()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Server(Handler)


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
    """Answer a request whole."""
    # A browser that closes doesn't wait for answers.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def inflated(payload: bytes) -> bytes:
    """A recording as text: its own line, then its events, which may have been deflated."""
    name, newline, events = payload.partition(b"\n")
    return name + newline + zlib.decompress(events) if events[:1] == b"\x78" else payload


def nodes(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes that an event of a recording holds, at every depth."""
    data = event["data"]
    found: list[dict[str, Any]] = []
    rest = [data["node"]] if event["type"] == 2 else [added["node"] for added in data.get("adds", [])]
    while rest:
        node = rest.pop()
        found.append(node)
        rest += node.get("childNodes", [])
    return found
