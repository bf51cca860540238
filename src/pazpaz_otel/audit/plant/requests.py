"""Plant in requests to an ASGI application, wherever a client chooses the content."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from pazpaz_otel.audit.plant.http_client import send
from pazpaz_otel.audit.plant.registry import NARROW, Surfaces

_PARAMETER = re.compile(r"\{[^}]*\}")


@contextlib.contextmanager
def serving(app: Any) -> Iterator[int]:
    """Serve an ASGI application with uvicorn in a thread, and yield its port on loopback.

    Raises:
        RuntimeError: it didn't start within 20 s.
    """
    import uvicorn  # noqa: PLC0415 - needed by this only

    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="auto"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the application didn't start within 20 s")
        time.sleep(0.02)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


def requests(port: int, routes: Sequence[Sequence[str]]) -> Surfaces:  # noqa: C901 - a list of small functions
    """Return the surfaces of a request."""
    surfaces = Surfaces("http")

    def everywhere(fill: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        for method, template in routes:
            send(port, method, _PARAMETER.sub(lambda _: fill, template) + query, headers, body)

    @surfaces("path", NARROW)
    def _path(text: str) -> None:
        everywhere(text.replace("/", "-"))
        send(port, "GET", f"/{text}")
        send(port, "GET", f"/clients/{text}/unknown/{text}")

    @surfaces("query", NARROW)
    def _query(text: str) -> None:
        everywhere("1", query=f"?name={text}&{text}=1&q={text}")

    @surfaces("header", NARROW)
    def _header(text: str) -> None:
        names = ("User-Agent", "Referer", "X-Forwarded-For", "Authorization", "Cookie", "Origin")
        everywhere("1", headers=dict.fromkeys((*names, "X-Client", "Accept", "Content-Type", "Forwarded"), text))
        bearer = {"Authorization": f"Bearer {text}", "X-Correlation-ID": text, "Sec-WebSocket-Protocol": text}
        everywhere("1", headers=bearer)

    # A random UUID under this header is the request's id, which may leave.
    @surfaces("header.request_id", NARROW, unwanted=("patient_uuid",))
    def _request_id(text: str) -> None:
        everywhere("1", headers={"X-Request-ID": text})

    @surfaces("header.name", ("identifier",))
    def _header_name(text: str) -> None:
        send(port, "GET", "/", {"X-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in text): "1"})

    @surfaces("host", ("identifier", "plain", "hex"))
    def _host(text: str) -> None:
        everywhere("1", headers={"Host": f"{text}.example", "X-Forwarded-Host": text})

    @surfaces("method", ("identifier", "hex"))
    def _method(text: str) -> None:
        send(port, "".join(c for c in text.upper() if c.isascii() and c.isalnum())[:60] or "X", "/")

    @surfaces("propagation", NARROW)
    def _propagation(text: str) -> None:
        for state in (
            f"vendor={text}",
            f"{text}=1",
            f"a{text.encode().hex()[:60]}=1",
            f"vendor={text.encode().hex()[:60]}",
        ):
            headers = {
                "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
                "tracestate": state,
                "baggage": f"client={text},{text}=1,user.id={text.encode().hex()}",
                "sentry-trace": text,
            }
            send(port, routes[0][0], _PARAMETER.sub("1", routes[0][1]), headers)
        send(port, "GET", "/", {"traceparent": text, "tracestate": text, "baggage": text})

    @surfaces("body", NARROW)
    def _body(text: str) -> None:
        fields = (
            "name",
            "full_name",
            "email",
            "phone",
            "note",
            "notes",
            "subjective",
            "reason",
            "starts_at",
            "client_id",
            "id",
        )
        body = json.dumps({**dict.fromkeys(fields, text), text: text}).encode()
        everywhere("1", headers={"Content-Type": "application/json"}, body=body)
        everywhere("1", headers={"Content-Type": "application/x-www-form-urlencoded"}, body=f"name={text}".encode())
        everywhere("1", headers={"Content-Type": "application/json"}, body=text.encode())

    return surfaces
