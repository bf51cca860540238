"""How OTLP over HTTP is sent: by urllib3 itself where that comes to the same, else by `requests` as the SDK has it.

To a Collector next door, over plain HTTP and without a proxy, `requests` only passes the call on to urllib3, for three
megabytes of memory and twice the CPU. Certificates, proxies and sessions of a credential provider stay its business.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

from opentelemetry.exporter.http.transport._base import BaseHTTPTransport
from opentelemetry.exporter.http.transport._requests import RequestsHTTPTransport
from opentelemetry.exporter.http.transport._urllib3 import Urllib3HTTPTransport

from pazpaz_otel import patches

if TYPE_CHECKING:
    from opentelemetry.exporter.http.transport._base import BaseHTTPResult


class Transport(BaseHTTPTransport):
    """Chooses by the first request's URL.

    Args:
        options: `verify`, `cert` and `session`, as the SDK's exporters give them to `RequestsHTTPTransport`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        _transports.add(self)
        self._chosen: BaseHTTPTransport | None = None if options.get("session") is None else self._requests()

    def request(self, method: str, url: str, **arguments: Any) -> BaseHTTPResult:
        """Send one request and give its result; a connection's error is part of that, not raised."""
        if self._chosen is None:
            self._chosen = Urllib3HTTPTransport() if is_plain(url) else self._requests()
        return self._chosen.request(method, url, **arguments)

    def is_connection_error(self, exception: Exception | None) -> bool:
        """Return whether the request failed before the server had it."""
        return self._chosen is not None and self._chosen.is_connection_error(exception)

    def close(self) -> None:
        """Close the connections."""
        if self._chosen is not None:
            self._chosen.close()

    def after_fork(self) -> None:
        """Connect anew: the connections of a process that forked are its own."""
        if self._options.get("session") is None:
            self._chosen = None

    def _requests(self) -> BaseHTTPTransport:
        return RequestsHTTPTransport(**self._options)


_transports: Final[weakref.WeakSet[Transport]] = weakref.WeakSet()
"""Each that is in use, for the child of a fork."""


def is_plain(url: str) -> bool:
    """Return whether requests to `url` need no TLS, proxy or password."""
    parts = urlsplit(url)
    # `requests` makes an Authorization header of user and password; urllib3 leaves them out.
    return parts.scheme == "http" and parts.username is None and not getproxies()


def use_urllib3() -> None:
    """Make the SDK's OTLP exporters use `Transport`; an exporter that is given a session or transport keeps it."""
    patches.install("otlp.transport", lambda _: Transport)


def _after_fork() -> None:
    for transport in _transports:
        transport.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
