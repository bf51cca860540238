"""nginx as shipped: what it passes on, what it answers itself, and that it writes nothing of what it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.audit.scan import Scanner
from tests.programs import free_port, wait_until
from tests.programs.running import get
from tests.stack.shipped import CSP, ShippedNginx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.stack

CANARY = "Zquithbazin-Kelhepzib"


class Api(ThreadingHTTPServer):
    """An API that answers as it is told and remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        self.status = 200
        self.own_id = ""
        self.seen: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Api
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append({name.lower(): value for name, value in self.headers.items()})
        if self.path.startswith("/api/v1/hang-up"):
            self.close_connection = True
            self.connection.close()
            return
        body = json.dumps({"path": self.path}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        if self.server.own_id:
            self.send_header("X-Request-ID", self.server.own_id)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the base class's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    server = Api()
    yield server
    server.shutdown()
    server.server_close()


def ask(nginx: ShippedNginx, line: str, headers: str = "", body: str = "") -> str:
    """What nginx answers to a request that is written by hand, over TLS that is checked against its certificate.

    Nginx answers what is too long, and closes, while it is still being written: the answer may be lost with the
    connection, so it is asked for again.
    """
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    request = f"{line}\r\nHost: pazpaz.test\r\nConnection: close\r\n{length}{headers}\r\n{body}".encode()
    return wait_until(lambda: _answer(nginx, request).decode(), f"an answer of nginx to {len(request)} bytes")


def _answer(nginx: ShippedNginx, request: bytes) -> bytes:
    context = ssl.create_default_context(cafile=str(nginx.certificate))
    answer = b""
    with (
        socket.create_connection(("127.0.0.1", nginx.https), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="pazpaz.test") as tls,
    ):
        with contextlib.suppress(OSError):
            tls.sendall(request)
        with contextlib.suppress(OSError):
            while piece := tls.recv(65536):
                answer += piece
    return answer


def _answer_text(nginx: ShippedNginx, path: str, headers: str) -> str:
    """The head of an answer whose body may be compressed."""
    request = f"GET {path} HTTP/1.1\r\nHost: pazpaz.test\r\nConnection: close\r\n{headers}\r\n".encode()
    return _answer(nginx, request).partition(b"\r\n\r\n")[0].decode()


def status(answer: str) -> int:
    return int(answer.split()[1])


def test_health_is_the_api_s_own_answer(api: Api, tmp_path: Path) -> None:
    """`/health` passes the API's status and body through, 503 included."""
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        healthy = ask(nginx, "GET /health HTTP/1.1")
        api.status = 503
        broken = ask(nginx, "GET /health HTTP/1.1")
    assert (status(healthy), status(broken)) == (200, 503)
    assert '{"path": "/health"}' in broken


def test_liveness_and_page_outlive_the_api(tmp_path: Path) -> None:
    """With no API at all, nginx starts, says it is live and serves the page; only what needs the API fails."""
    with ShippedNginx(tmp_path / "nginx", free_port()) as nginx:
        assert get(f"http://127.0.0.1:{nginx.liveness}/live") == (200, "live\n")
        assert "the page" in ask(nginx, "GET / HTTP/1.1")
        assert "the page" in ask(nginx, "GET /some/route/of/the/page HTTP/1.1")
        assert status(ask(nginx, "GET /health HTTP/1.1")) == 502
        assert status(ask(nginx, "GET /api/v1/ping HTTP/1.1")) == 502


def test_what_only_the_inside_needs_is_not_passed_through(api: Api, tmp_path: Path) -> None:
    """Metrics, documentation and test routes of the API can't be reached from outside; a monitor on them sees 404."""
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        answers = [
            ask(nginx, f"GET {path} HTTP/1.1")
            for path in ("/metrics", "/health/other", "/test/errors", "/docs", "/openapi.json", "/api", "/healthz")
        ]
    assert api.seen == []
    assert {status(answer) for answer in answers} == {404}


def test_probes_and_the_test_error_reach_the_api(api: Api, tmp_path: Path) -> None:
    """Liveness, readiness and the guide's test endpoint are the API's own answers: a monitor on them can turn red."""
    paths = ("/health", "/health/live", "/health/ready", "/test/sentry")
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        healthy = [ask(nginx, f"GET {path} HTTP/1.1") for path in paths]
        api.status = 503
        broken = [status(ask(nginx, f"GET {path} HTTP/1.1")) for path in paths]
    for path, answer in zip(paths, healthy, strict=True):
        assert f'{{"path": "{path}"}}' in answer
    assert broken == [503] * len(paths)


def test_an_unknown_path_says_so(api: Api, tmp_path: Path) -> None:
    """A path that the page has answers 200 with it, any other 404: with the page for people, plain for files."""
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        known = [ask(nginx, f"GET {path} HTTP/1.1") for path in ("/", "/index.html", "/clients/7", "/clients/7?tab=2")]
        unknown = [ask(nginx, f"GET {path} HTTP/1.1") for path in ("/wp-login.php", "/clients/7/other", "/.env", "/x/")]
        missing = ask(nginx, "GET /assets/none.js HTTP/1.1")
    assert [(status(answer), "the page" in answer) for answer in known] == [(200, True)] * len(known)
    assert [(status(answer), "the page" in answer) for answer in unknown] == [(404, True)] * len(unknown)
    assert (status(missing), "the page" in missing) == (404, False)


def test_what_may_be_kept_is_said(api: Api, tmp_path: Path) -> None:
    """Browsers keep hashed files for a year, the page not at all; both are compressed, answers of the API aren't."""
    compressed = "Accept-Encoding: gzip\r\n"
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        assets = nginx.folder / "page/assets"
        assets.mkdir()
        (assets / "index-3c9f.js").write_text("export const text = 'a script';\n" * 100)
        (nginx.folder / "page/index.html").write_text("<!doctype html><title>the page</title>" * 100)
        page = [_answer_text(nginx, path, compressed) for path in ("/", "/clients/7", "/index.html")]
        script = _answer_text(nginx, "/assets/index-3c9f.js", compressed)
        called = _answer_text(nginx, "/api/v1/ping", compressed)
    for answer in page:
        assert "Cache-Control: no-store" in answer
        assert "Content-Encoding: gzip" in answer
    assert "Cache-Control: public, max-age=31536000, immutable" in script
    assert "Content-Encoding: gzip" in script
    assert "Content-Encoding" not in called


def test_nobody_is_sent_to_another_site(api: Api, tmp_path: Path) -> None:
    """Plain HTTP is sent on to the site that the image was built for, and to no name that a request brings along."""
    with ShippedNginx(tmp_path / "nginx", api.server_port, site="pazpaz.test") as nginx:
        answers = {}
        for host in ("pazpaz.test", "evil.test", "pazpaz.test.evil.test"):
            with socket.create_connection(("127.0.0.1", nginx.http), timeout=10) as plain:
                plain.sendall(f"GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                answers[host] = plain.makefile().read()
    assert "Location: https://pazpaz.test/x" in answers["pazpaz.test"]
    for host in ("evil.test", "pazpaz.test.evil.test"):
        assert status(answers[host]) == 421
        assert "Location" not in answers[host]


def test_the_api_gets_no_address_and_no_referer(api: Api, tmp_path: Path) -> None:
    """Neither the visitor's address nor the page they came from is passed on; the request's id is nginx's own."""
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        ask(nginx, "GET /api/v1/ping HTTP/1.1", f"Referer: https://pazpaz.test/{CANARY}\r\nX-Request-ID: {CANARY}\r\n")
    (headers,) = api.seen
    assert "referer" not in headers
    assert not any("127.0.0.1" in value for value in headers.values())
    assert uuid.UUID(headers["x-request-id"]).version == 4


def test_pages_send_no_referer_and_http_becomes_https(api: Api, tmp_path: Path) -> None:
    """Every answer forbids referers and other hosts than the page's, and plain HTTP only redirects."""
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        answers = [ask(nginx, f"GET {path} HTTP/1.1") for path in ("/", "/assets/none.js", "/api/v1/ping")]
        with socket.create_connection(("127.0.0.1", nginx.http), timeout=10) as plain:
            plain.sendall(b"GET /x HTTP/1.1\r\nHost: pazpaz.test\r\nConnection: close\r\n\r\n")
            redirect = plain.makefile().read()
    for answer in answers:
        assert "Referrer-Policy: no-referrer" in answer
        assert "Strict-Transport-Security: max-age=31536000" in answer
        assert f"Content-Security-Policy: {CSP}" in answer
        assert "Cross-Origin-Opener-Policy: same-origin" in answer
        assert "Permissions-Policy: accelerometer=()" in answer
    assert redirect.startswith("HTTP/1.1 301")
    assert "Location: https://pazpaz.test/x" in redirect


def test_nothing_of_a_request_is_written(api: Api, tmp_path: Path) -> None:
    """Path, query, headers, referer, method and body are in neither log, whatever goes wrong with the request."""
    headers = f"Referer: https://x.test/{CANARY}\r\nUser-Agent: {CANARY}\r\nCookie: s={CANARY}\r\nX-Note: {CANARY}\r\n"
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        seen = [
            status(ask(nginx, line, headers, body))
            for line, body in [
                (f"GET /api/v1/clients/{CANARY}?q={CANARY} HTTP/1.1", ""),
                ("POST /api/v1/notes HTTP/1.1", CANARY * 100_000),  # larger than the buffer in memory
                (f"GET /assets/{CANARY}.js HTTP/1.1", ""),  # no such file
                (f"GET /loop.html?{CANARY} HTTP/1.1", ""),  # can't be opened
                (f"GET /assets/../../{CANARY} HTTP/1.1", ""),  # leaves the root
                (f"{CANARY.upper()} / HTTP/1.1", ""),
                (f"GET /{CANARY} HTTP/9.9", ""),
                (f"GET /api/v1/hang-up/{CANARY} HTTP/1.1", ""),  # the API closes without an answer
                (f"GET /{CANARY * 2000} HTTP/1.1", ""),  # a request line over the limit
            ]
        ]
        too_large = ask(
            nginx, f"POST /api/v1/{CANARY} HTTP/1.1", headers + "X-Length: 1\r\nContent-Length: 99999999\r\n"
        )
        api.shutdown()
        api.server_close()
        refused = ask(nginx, f"GET /api/v1/clients/{CANARY} HTTP/1.1", headers)
        # Not TLS at all, and a name that the certificate doesn't have.
        with socket.create_connection(("127.0.0.1", nginx.https), timeout=10) as plain:
            plain.sendall(f"GET /{CANARY} HTTP/1.1\r\nReferer: {CANARY}\r\n\r\n".encode())
            plain.makefile("rb").read()
        wait_until(lambda: nginx.access_log.read_text().count("\n") >= 10, "the access log")
    written = nginx.written()
    assert {200, 404, 400, 502, 414} <= set(seen)
    assert (status(too_large), status(refused)) == (413, 502)
    assert list(Scanner({"canary": CANARY.split("-")}).text(written, "nginx")) == []
    assert "127.0.0.1" not in nginx.access_log.read_text()


def test_the_access_log_says_what_an_operator_needs(api: Api, tmp_path: Path) -> None:
    """Status, method, times and the request's id, which is also the API's, are there as JSON."""
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        ask(nginx, "GET /api/v1/ping HTTP/1.1")
        wait_until(lambda: nginx.access_log.read_text().strip(), "the access log")
    (line,) = map(json.loads, nginx.access_log.read_text().splitlines())
    assert (line["status"], line["method"], line["upstream_status"]) == (200, "GET", "200")
    assert line["request_id"] == api.seen[0]["x-request-id"]
    assert line["seconds"] >= 0


def test_an_id_of_the_api_s_own_is_the_one_that_is_logged(api: Api, tmp_path: Path) -> None:
    """Where the API answers with an id of its own, the access log has that one; a text that is none isn't written."""
    own = str(uuid.uuid4())
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        for api.own_id in (own, CANARY):
            ask(nginx, "GET /api/v1/ping HTTP/1.1")
        wait_until(lambda: nginx.access_log.read_text().count("\n") == 2, "the access log")
    first, second = [json.loads(line)["request_id"] for line in nginx.access_log.read_text().splitlines()]
    assert first == own
    assert second == api.seen[1]["x-request-id"]


def test_messages_outside_requests_are_kept(api: Api, tmp_path: Path) -> None:
    """Start and stop of nginx itself are in its log, so that silence means that nothing happened."""
    with ShippedNginx(tmp_path / "nginx", api.server_port) as nginx:
        wait_until(lambda: "start worker processes" in nginx.log, "the start")
