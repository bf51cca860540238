"""What is known about the request being served, carried by the OpenTelemetry context into threads and tasks."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk
from opentelemetry import context as otel
from opentelemetry import trace
from sentry_sdk.scope import Scope as SentryScope

from pazpaz_otel import forks
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan

    Scope = dict[str, Any]

KEY: Final = otel.create_key("pazpaz_otel.sentry.request")
MAX_CRUMBS: Final = 50
SERVER_ERROR: Final = 500
MAX_HOLD: Final = 2.0
"""The maximum time an event waits for its request's status, in seconds."""

_process_scope: Final = SentryScope.get_isolation_scope
"""The SDK's own function, before it is replaced by one that knows of requests."""
_lock = forks.lock()
_waiting: weakref.WeakSet[RequestContext] = weakref.WeakSet()


class RequestContext:
    """A request or WebSocket, and what has happened in it so far.

    The event of an exception that was logged or captured while it propagates waits here for the request's end. If the
    exception then goes unhandled, there is only one event, with status 500.

    Args:
        scope: the ASGI scope.
        loop: the event loop that serves it.
        context: the OpenTelemetry context in which it is served.
        whole: finds the route's template if no span has it: no router has matched yet, or an inner router did.
    """

    __slots__ = (
        "__weakref__",
        "_ended",
        "_held",
        "_isolation",
        "_loop",
        "_outer",
        "_status",
        "_whole",
        "crumbs",
        "scope",
        "span",
    )

    def __init__(
        self,
        scope: Scope,
        loop: asyncio.AbstractEventLoop,
        context: Context | None = None,
        whole: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.scope = scope
        self._whole = whole
        self.span = trace.get_current_span(context)
        """The server span; the middleware that creates this object runs inside it."""
        self.crumbs: deque[tuple[float, str, str, str | None] | Callable[[], ReadableSpan]] = deque(maxlen=MAX_CRUMBS)
        self._loop = loop
        self._outer = _process_scope()
        self._isolation: SentryScope | None = None
        self._held: list[Callable[[int | None], None]] | None = None
        self._status: int | None = None
        self._ended = False

    @property
    def status(self) -> int | None:
        """The response's status, if known: the server span carries it. A WebSocket has none."""
        if self.scope["type"] != "http":
            return None
        attributes = getattr(self.span, "attributes", None) or {}
        served = self.scope.get("pazpaz_otel.request")
        found = (
            self._status
            or getattr(served, "status", None)
            or attributes.get("http.response.status_code", attributes.get("http.status_code"))
        )
        return found if isinstance(found, int) else None

    def failed(self) -> None:
        """Record that an error escaped the application: unless a response has started, the status is 500."""
        if self.status is None:
            self._status = SERVER_ERROR

    def answered(self, status: int) -> None:
        """Record the status of an exception handler's response."""
        self._status = status

    def isolation(self, active: SentryScope) -> SentryScope:
        """Return the request's own isolation scope, forked on first use; or `active` if that is another request's."""
        if active is not self._outer:
            return active
        with _lock:
            if self._isolation is None:
                self._isolation = self._outer.fork()
        SentryScope.set_isolation_scope(self._isolation)
        return self._isolation

    def hold(self, deliver: Callable[[int | None], None]) -> bool:
        """Keep an event until the request ends, from any thread; return False if it has ended or may stay for hours."""
        with _lock:
            if self._ended or self.scope["type"] != "http":
                return False
            if self._held is None:
                self._held = []
            self._held.append(deliver)
            _waiting.add(self)
        self._loop.call_soon_threadsafe(self._loop.call_later, MAX_HOLD, self.release)
        return True

    def release(self) -> None:
        """Send the waiting events."""
        with _lock:
            held, self._held = self._held or [], None
            _waiting.discard(self)
        for deliver in held:
            with drops.contained("sentry"):
                deliver(self.status)

    def close(self) -> None:
        """Record that the request has ended: later events don't wait."""
        self._ended = True
        if self._held:
            self.release()

    @property
    def routes(self) -> Iterator[str]:
        """Candidates for the matched route's template, the surest first; the caller checks the evidence."""
        attributes = getattr(self.span, "attributes", None) or {}
        chosen = self.scope.get("fastapi")
        included = chosen.get("effective_route_context") if isinstance(chosen, dict) else None
        for found in (
            attributes.get("http.route"),
            self._whole(),
            getattr(included, "path_format", None),
            getattr(self.scope.get("route"), "path", None),
        ):
            if isinstance(found, str):
                yield found

    @property
    def headers(self) -> dict[str, str]:
        """`content-type`, `host`, `user-agent` and `x-request-id`, as sent."""
        wanted = (b"content-type", b"host", b"user-agent", b"x-request-id")
        return {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in self.scope.get("headers", ())
            if name in wanted
        }

    @property
    def request_id(self) -> object:
        """The id in the backend's logs, `request.state.request_id`."""
        state = self.scope.get("state")
        return state.get("request_id") if isinstance(state, dict) else getattr(state, "request_id", None)


def current() -> RequestContext | None:
    """Return the request being served, or None."""
    found = otel.get_value(KEY)
    return found if isinstance(found, RequestContext) else None


def isolation_scope() -> SentryScope:
    """Return the isolation scope (tags, user) of the request being served, or the process's."""
    active = _process_scope()
    served = current()
    return active if served is None else served.isolation(active)


def capturing() -> bool:
    """Return whether a Sentry client with a transport is running."""
    client = sentry_sdk.get_client()
    return client.is_active() and client.transport is not None


def release_all() -> None:
    """Send all waiting events: the process is about to end, or the application flushes."""
    for request in list(_waiting):
        request.release()


# The parent sends what waits in its requests.
forks.in_child(_waiting.clear)
