"""Serve one request or WebSocket of an ASGI application in memory."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

CLIENT = ("203.0.113.7", 51234)


async def ask(
    application: Any,
    method: str,
    path: str,
    *,
    headers: list[tuple[bytes, bytes]],
    body: bytes = b"",
    said: str = "hello",
    **scope: Any,
) -> list[dict[str, Any]]:
    """Return the messages that the application sent; what it raises, a server would log.

    Args:
        application: the ASGI application.
        method: the method; empty for a WebSocket.
        path: the path.
        headers: the request's headers.
        body: its body.
        said: what a WebSocket's client sends before it closes.
        scope: what differs from an ordinary scope.
    """
    is_websocket = not method
    incoming: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]
    if is_websocket:
        incoming = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": said}]
        incoming.append({"type": "websocket.disconnect"})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop(0)
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    made = {
        "type": "websocket" if is_websocket else "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": CLIENT,
        "scheme": "ws" if is_websocket else "http",
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "state": {},
        **({} if is_websocket else {"method": method}),
        **scope,
    }
    with contextlib.suppress(Exception):
        await application(made, receive, send)
    return sent
