"""What is known of the request that is being served, carried by the OpenTelemetry context into threads and tasks."""

from __future__ import annotations

import sys
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from opentelemetry import context as otel
from opentelemetry import trace

from pazpaz_otel.enforce import account

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from opentelemetry.sdk.trace import ReadableSpan

    Message = dict[str, Any]
    Scope = dict[str, Any]

KEY: Final = otel.create_key("pazpaz_otel.sentry.request")
CRUMBS: Final = 50
SERVER_ERROR: Final = 500
HOLD: Final = 2.0
"""Seconds that an event waits for its request's status, at most."""

_waiting: weakref.WeakSet[Request] = weakref.WeakSet()


class Request:
    """A request (or WebSocket) and what happened in it so far.

    An event of an exception that was logged or captured on its way waits here for the response's status: if the
    same exception then goes unhandled, it is one event, with status 500.
    """

    __slots__ = ("__weakref__", "_ended", "_held", "_lock", "_loop", "crumbs", "scope", "span", "status")

    def __init__(self, scope: Scope, loop: asyncio.AbstractEventLoop) -> None:
        self.scope = scope
        self.span = trace.get_current_span()
        """The server span: the middleware that makes this runs inside it."""
        self.status: int | None = None
        self.crumbs: deque[tuple[float, str, str, str | None] | ReadableSpan] = deque(maxlen=CRUMBS)
        self._held: list[Callable[[int | None], None]] = []
        self._ended = False
        self._lock = threading.Lock()
        self._loop = loop

    def hold(self, deliver: Callable[[int | None], None]) -> bool:
        """Keep an event until the request ends, from any thread. False: it has ended, or may stay for hours."""
        with self._lock:
            if self._ended or self.scope["type"] != "http":
                return False
            self._held.append(deliver)
            _waiting.add(self)
        self._loop.call_soon_threadsafe(self._loop.call_later, HOLD, self.release)
        return True

    def release(self) -> None:
        """Send what waits."""
        with self._lock:
            held, self._held = self._held, []
            _waiting.discard(self)
        for deliver in held:
            try:
                deliver(self.status)
            except Exception as error:  # noqa: BLE001  # telemetry never breaks the application
                account.fail("sentry", error)

    def close(self) -> None:
        """The request has ended: what comes later doesn't wait."""
        with self._lock:
            self._ended = True
        if self._held:
            self.release()

    def watched(self, send: Callable[[Message], Awaitable[None]]) -> Callable[[Message], Awaitable[None]]:
        """`send`, noting the response's status."""

        async def watched_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                if self._held and message["status"] < SERVER_ERROR:
                    self.release()
            await send(message)

        return watched_send

    @property
    def method(self) -> str | None:
        """The HTTP method, as sent."""
        method = self.scope.get("method")
        return method if isinstance(method, str) else None

    @property
    def routes(self) -> Iterator[str]:
        """What may be the matched route's template, the surest first; the caller asks the evidence."""
        attributes = getattr(self.span, "attributes", None) or {}
        chosen = self.scope.get("fastapi")
        included = chosen.get("effective_route_context") if isinstance(chosen, dict) else None
        for found in (
            attributes.get("http.route"),
            getattr(included, "path_format", None),
            getattr(self.scope.get("route"), "path", None),
        ):
            if isinstance(found, str):
                yield found

    @property
    def headers(self) -> dict[str, str]:
        """`content-type` and `host`, as sent."""
        wanted = (b"content-type", b"host")
        return {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in self.scope.get("headers", ())
            if name in wanted
        }

    @property
    def request_id(self) -> object:
        """The identifier that the backend's logs carry: `request.state.request_id`."""
        state = self.scope.get("state")
        return state.get("request_id") if isinstance(state, dict) else getattr(state, "request_id", None)


def current() -> Request | None:
    """The request that is being served, if any."""
    found = otel.get_value(KEY)
    return found if isinstance(found, Request) else None


def capturing() -> bool:
    """Is a Sentry client with a transport running."""
    client = sentry_sdk.get_client()
    return client.is_active() and client.transport is not None


def log_context() -> Mapping[str, object]:
    """What structlog's context variables hold, where the application uses structlog."""
    module = sys.modules.get("structlog.contextvars")
    return module.get_contextvars() if module is not None else {}


def release_all() -> None:
    """Send all that waits: the process is about to end, or somebody flushes."""
    for request in list(_waiting):
        request.release()
