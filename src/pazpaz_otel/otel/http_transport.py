"""Send OTLP over HTTP with urllib3 where that is equivalent, else with `requests`, as the SDK does.

To a nearby Collector, over plain HTTP and without a proxy, `requests` only passes the call on to urllib3, at the cost
of three megabytes of memory and twice the CPU. It still handles certificates, proxies and credential providers'
sessions.
"""

from __future__ import annotations

import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from opentelemetry.exporter.http.transport._base import BaseHTTPTransport
from opentelemetry.exporter.http.transport._requests import RequestsHTTPTransport
from opentelemetry.exporter.http.transport._urllib3 import Urllib3HTTPTransport

from pazpaz_otel import forks, patches
from pazpaz_otel.settings import has_proxies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.exporter.http.transport._base import BaseHTTPResult


class Transport(BaseHTTPTransport):
    """A transport that chooses by the first request's URL.

    Args:
        options: `verify`, `cert` and `session`, as the SDK's exporters pass them to `RequestsHTTPTransport`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        _transports.add(self)
        self._chosen: BaseHTTPTransport | None = None if options.get("session") is None else self._requests()

    def request(self, method: str, url: str, **arguments: Any) -> BaseHTTPResult:
        """Send one request and return its result; a connection error is part of it, not raised."""
        if self._chosen is None:
            self._chosen = self._urllib3() if is_plain(url) else self._requests()
        return self._chosen.request(method, url, **arguments)

    def is_connection_error(self, exception: Exception | None) -> bool:
        """Return whether the request failed before it reached the server."""
        return self._chosen is not None and self._chosen.is_connection_error(exception)

    def close(self) -> None:
        """Close the connections, also at the end of the process, when urllib3's own finalizers have run."""
        if self._chosen is None:
            return
        for manager in self._managers():
            with suppress(AttributeError, KeyError):
                for key in manager.pools.keys():  # noqa: SIM118 - it can't be iterated
                    manager.pools[key].close()
        self._chosen.close()

    def after_fork(self) -> None:
        """Reconnect, because a forked process must not share connections."""
        if self._options.get("session") is not None:
            return
        for manager in self._managers():
            forks.free_pools(manager)
        self._chosen = None

    def _managers(self) -> Iterator[Any]:
        chosen: Any = self._chosen
        session = getattr(chosen, "_session", None)
        yield getattr(chosen, "_pool", None)
        yield from (adapter.poolmanager for adapter in (() if session is None else session.adapters.values()))

    def _urllib3(self) -> BaseHTTPTransport:
        with forks.importing():
            import encodings.idna  # noqa: F401, PLC0415 - resolving a host imports it

            return Urllib3HTTPTransport()

    def _requests(self) -> BaseHTTPTransport:
        with forks.importing():
            return RequestsHTTPTransport(**self._options)


_transports: Final[weakref.WeakSet[Transport]] = weakref.WeakSet()
"""All transports in use, for the child of a fork."""


def is_plain(url: str) -> bool:
    """Return whether requests to `url` need no TLS, proxy or password."""
    parts = urlsplit(url)
    # `requests` turns user and password into an Authorization header; urllib3 drops them.
    return parts.scheme == "http" and parts.username is None and not has_proxies()


def use_urllib3() -> None:
    """Make the SDK's OTLP exporters use `Transport`; an explicit session or transport takes precedence."""
    patches.install("otlp.transport", lambda _: Transport)


def _after_fork() -> None:
    for transport in _transports:
        transport.after_fork()


forks.in_child(_after_fork)
