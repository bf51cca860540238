"""HTTPX: outgoing calls and their hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.otel.propagation import destination


def request_hooks(_: Wiring) -> Mapping[str, Any]:
    """Return hooks that tell the propagators a request's host, because baggage leaves only for known hosts."""

    async def async_request_hook(_: Any, request: Any) -> None:
        destination.set(_host(request))

    def request_hook(_: Any, request: Any) -> None:
        destination.set(_host(request))

    return {"request_hook": request_hook, "async_request_hook": async_request_hook}


def _host(request: Any) -> str | None:
    host = getattr(request.url, "host", None)
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host.lower() if isinstance(host, str) else None


LIBRARY: Final = Library(
    name="HTTPX", package="httpx", instrumentors={"httpx": request_hooks}, standard=("httpx",), late={"httpx": "httpx"}
)
