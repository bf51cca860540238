"""An HTTP client that no instrumentation touches and that sends what it is told to, well formed or not."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import quote
from urllib.request import urlopen


@dataclass(frozen=True)
class Answer:
    """What a server answered.

    Attributes:
        status: 0 where there is no answer.
        headers: names in small letters, and values.
        body: of the answer.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def send(port: int, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> int:
    """Send one request as `exchange` does, and return the answer's status."""
    return exchange(port, method, target, headers, body)[0]


_PATIENCE = 30
"""Seconds for one answer; a handler that hashes a password on a loaded machine takes some."""


def exchange(
    port: int, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> tuple[int, bytes]:
    """Send one request as `ask` does, and return the answer's status and body."""
    answer = ask(port, method, target, headers, body)
    return answer.status, answer.body


def ask(port: int, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
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
    head += "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields.items())
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
            connection.sendall(head.encode() + b"\r\n" + body)
            answer = b""
            while part := connection.recv(65536):
                answer += part
    except OSError:
        return Answer(0)
    head_of_answer, _, content = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head_of_answer.lower():
        content = _unchunked(content)
    status = head_of_answer.split(b" ", 2)[1:2]
    if not status or not status[0].isdigit():
        return Answer(0)
    lines = [line.partition(":") for line in head_of_answer.decode("latin-1").split("\r\n")[1:]]
    return Answer(int(status[0]), tuple((name.strip().lower(), value.strip()) for name, _, value in lines), content)


def _unchunked(content: bytes) -> bytes:
    """Return the body of an answer in chunks (RFC 9112 section 7.1); what breaks off is left out."""
    whole = b""
    while True:
        size, _, rest = content.partition(b"\r\n")
        length = size.partition(b";")[0].strip()
        if not length or not all(digit in b"0123456789abcdefABCDEF" for digit in length) or int(length, 16) == 0:
            return whole
        whole += rest[: int(length, 16)]
        content = rest[int(length, 16) + 2 :]


def _one_line(value: str) -> str:
    return " ".join(value.split())


def read(url: str) -> str:
    """Return the body of a GET on loopback, or nothing where nobody answers.

    Args:
        url: an HTTP URL.
    """
    try:
        with urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - a URL of our own making
            return str(answer.read().decode("utf-8", "replace"))
    except OSError:
        return ""
