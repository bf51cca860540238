"""One request while it is being served: its span and its measurements."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry.instrumentation.asgi import asgi_setter
from opentelemetry.instrumentation.propagators import get_global_response_propagator
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

from pazpaz_otel.integrations.lean.incoming import length_of
from pazpaz_otel.integrations.lean.request import is_error, named
from pazpaz_otel.integrations.starlette.requests import STATE
from pazpaz_otel.otel.otlp import lean_span
from pazpaz_otel.redact import access_lines, drops

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from opentelemetry.context import Context
    from opentelemetry.trace import SpanContext

    from pazpaz_otel.integrations.lean.request import RequestShape, RequestShapes

    Scope = dict[str, Any]
    Message = dict[str, Any]


_EMPTY: Final[dict[str, Any]] = {}


class Served:
    """A request or WebSocket, from start to end.

    Args:
        scope: the server's ASGI scope.
        send: the server's `send`.
        length: the length of the request's body, if known.
        shapes: the application's request shapes.
        route_of: returns the template of a request's route if the router hasn't set it.
    """

    __slots__ = (
        "_active",
        "_came_with",
        "_ended",
        "_given",
        "_kind",
        "_length",
        "_method",
        "_route_of",
        "_send",
        "_shape",
        "_shapes",
        "_span",
        "_started",
        "scope",
        "status",
    )

    def __init__(
        self,
        scope: Scope,
        send: Any,
        length: int | None,
        shapes: RequestShapes,
        route_of: Callable[[Scope], str | None],
    ) -> None:
        self._started = perf_counter()
        self.scope = scope
        self._send, self._given, self._shapes, self._route_of = send, length, shapes, route_of
        # A mounted application replaces root path and application.
        self._came_with = (scope.get("root_path", ""), scope.get("app"), "router" in scope)
        self._length: int | None = None
        self._shape: RequestShape | None = None
        self._active: Any = None
        self._ended = False
        self._span: Any = None
        self.status: int | None = None
        """The response's status once it has started; 200 for a WebSocket that was sent anything."""

    def start(self, tracer: Any, context: Context, kind: SpanKind, parent: SpanContext | None) -> Context:
        """Start the span, and return the context with it."""
        self._kind = kind
        self._method, name = named(self.scope)
        self._span = span = lean_span.start(tracer, name, context, kind, parent)
        if self.scope["type"] == "http":
            self._active = active = self._shapes.active(self._method, self.scope.get("scheme", "http"))
            active.add(1)
            self._shapes.served[id(self)] = self
        return lean_span.within(span, context)

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message on to the client; the last byte ends the span."""
        kind = message["type"]
        if kind == "http.response.body" and not message.get("more_body", False):
            return self._last(message)
        if kind == "http.response.start":
            self._begun(message)
        elif kind == "websocket.send":
            self.status = 200
        # Return the server's own awaitable, which saves a coroutine.
        return self._send(message)  # type: ignore[no-any-return]

    async def _last(self, message: Message) -> None:
        await self._send(message)
        self._end()

    def route(self) -> str | None:
        """Return the template of the route that this request matches, even if the router hasn't set it yet."""
        scope = self.scope
        root_path, application, is_mounted = self._came_with
        route = scope.get("route")
        if route is not None and not is_mounted and scope.get("root_path", "") == root_path:
            included = (scope.get("fastapi") or _EMPTY).get("effective_route_context")
            if included is not None and getattr(included, "original_route", None) is route:
                route = included
            path = getattr(route, "path", None)
            if path is not None:
                return path  # type: ignore[no-any-return]
        return self._route_of({**scope, "root_path": root_path, "app": application})

    def failed(self, error: Exception) -> None:
        """Record an error that escaped the application, unless the span has ended."""
        lean_span.record_failure(self._span, error)

    def finish(self) -> None:
        """Record the measurements, and end the span if it hasn't ended: the application has returned."""
        if self._active is not None:
            self._active.add(-1)
            self._shapes.served.pop(id(self), None)
            try:
                # A test's frozen clock may go back.
                took = max(perf_counter() - self._started, 0)
                context = self._span.get_span_context()
                self._shapes.measure(self._shape or self._shaped(), took, self._given, self._length, context)
            except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
                drops.fail("metric", error)
        if not self._ended:
            self._end()
        # The scope holds this object, which holds the scope; a cycle would wait for a garbage collection.
        self.scope[STATE] = self._shape

    def _begun(self, message: Message) -> None:
        try:
            self.status = status = message["status"]
            if is_error(status):
                self._span.set_status(Status(StatusCode.ERROR))
            if access_lines.wanted:
                self._span.route = self.route()
            self._length = None
            for name, value in message.get("headers") or ():
                if name == b"content-length":
                    self._length = length_of(value)
                    break
            propagator = get_global_response_propagator()  # type: ignore[no-untyped-call]
            if propagator is not None:
                only = set_span_in_context(self._span, otel.Context())
                propagator.inject(message, context=only, setter=asgi_setter)
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)

    def _end(self) -> None:
        span = self._span
        self._ended = True
        if not span.is_recording():
            return
        try:
            self._shapes.end(span, self._shaped(), self.scope)
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)
            span.end()

    def _shaped(self) -> RequestShape:
        shape = self._shape
        if shape is None:
            shape = self._shapes.of(self.scope, self._method, self.route(), self.status, self._kind)
            self._shape = shape
        return shape
