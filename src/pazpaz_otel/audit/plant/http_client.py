"""An HTTP client that no instrumentation touches and that sends what it is told to, well formed or not."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, IncompleteRead
from urllib.parse import quote
from urllib.request import urlopen

_PATIENCE = 30
"""Seconds for one answer; a handler that hashes a password on a loaded machine takes some."""


@dataclass(frozen=True)
class Answer:
    """What a server answered.

    Attributes:
        status: 0 where there is no answer.
        headers: names in small letters, and values.
        body: of the answer; as much as arrived.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def send(port: int, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
    """Send one request to a server on loopback, and return its answer.

    Args:
        port: the server's port.
        method: the request's method, sent as it is.
        target: path and query; what isn't ASCII or is a space is percent-encoded, the rest goes as it is.
        headers: more headers, in UTF-8; a `Host` here replaces the usual one.
        body: the request's body.
    """
    fields = {"Host": f"127.0.0.1:{port}", "Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
    head = f"{method} {quote(target, safe='/?&=%:@!$()*+,;.~-_')} HTTP/1.1\r\n"
    head += "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items())
    # `HTTPConnection` refuses what is malformed, and Sentry's SDK instruments it.
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
            connection.sendall(head.encode() + b"\r\n" + body)
            response = HTTPResponse(connection, method=method)
            response.begin()
            try:
                content = response.read()
            except IncompleteRead as cut:
                content = cut.partial
    except (OSError, HTTPException):
        return Answer(0)
    return Answer(response.status, tuple((name.lower(), value) for name, value in response.getheaders()), content)


def read(url: str) -> str:
    """Return the body of a GET on loopback, or nothing where nobody answers."""
    try:
        with urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - a URL of our own making
            return str(answer.read().decode("utf-8", "replace"))
    except OSError:
        return ""
