"""One request while it is served: its span, and what is measured of it."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from opentelemetry import context as otel
from opentelemetry.instrumentation.asgi import asgi_setter
from opentelemetry.instrumentation.propagators import get_global_response_propagator
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

from pazpaz_otel.integrations.lean.request import REQUEST_SIZE, RESPONSE_SIZE, is_error, method_of, name_of
from pazpaz_otel.otel.otlp import lean_span
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.context import Context

    from pazpaz_otel.integrations.lean.request import RequestShape, RequestShapes

    Scope = dict[str, Any]
    Message = dict[str, Any]
    CameWith = tuple[str, Any]


class Served:
    """A request, or a WebSocket, from its start to its end.

    Args:
        scope: as the server made it.
        send: the server's.
        shapes: of the application's requests.
        route_of: finds the template of the route, given the scope, and the root path and application that it came with.
    """

    __slots__ = (
        "_active",
        "_came_with",
        "_kind",
        "_length",
        "_method",
        "_route_of",
        "_scope",
        "_send",
        "_shape",
        "_shapes",
        "_span",
        "_started",
        "status",
    )

    def __init__(
        self, scope: Scope, send: Any, shapes: RequestShapes, route_of: Callable[[Scope, CameWith], str | None]
    ) -> None:
        self._started = perf_counter()
        self._scope, self._send, self._shapes, self._route_of = scope, send, shapes, route_of
        self._method = method_of(scope)
        # An application that is mounted puts its own in their place.
        self._came_with = (scope.get("root_path", ""), scope.get("app"))
        self._length: int | None = None
        self._shape: RequestShape | None = None
        self._active: Any = None
        self._span: Any = None
        self.status: int | None = None
        """The response's, once it has begun; 200 for a WebSocket that was sent something."""

    def start(self, tracer: Any, context: Context, kind: SpanKind) -> Context:
        """Start the span, and return the context with it."""
        self._kind = kind
        self._span = lean_span.start(tracer, name_of(self._method), context, kind)
        if self._scope["type"] == "http":
            self._active = self._shapes.active(self._method, self._scope.get("scheme", "http"))
            self._active.add(1)
        return set_span_in_context(self._span, context)

    async def send(self, message: Message) -> None:
        """Pass a message on to the client; the span ends with the last byte."""
        kind = message["type"]
        if kind == "http.response.start":
            self._begun(message)
        elif kind == "websocket.send":
            self.status = 200
        await self._send(message)
        if kind == "http.response.body" and not message.get("more_body", False):
            self._end()

    def route(self) -> str | None:
        """Return the template of the route that this request matches; a router needn't have said it yet."""
        return self._route_of(self._scope, self._came_with)

    def failed(self, error: Exception) -> None:
        """Record what escaped the application, unless the span has ended."""
        span = self._span
        if not span.is_recording():
            return
        try:
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        except Exception as failure:  # noqa: BLE001 - an error that can't be printed is still the application's
            drops.fail("span", failure)

    def finish(self) -> None:
        """Measure, and end the span if it hasn't: the application has returned."""
        if self._active is not None:
            self._active.add(-1)
            try:
                self._measure()
            except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
                drops.fail("metric", error)
        self._end()

    def _begun(self, message: Message) -> None:
        try:
            self.status = status = message["status"]
            if is_error(status):
                self._span.set_status(Status(StatusCode.ERROR))
            self._length = _content_length(message.get("headers"))
            propagator = get_global_response_propagator()  # type: ignore[no-untyped-call]
            if propagator is not None:
                only = set_span_in_context(self._span, otel.Context())
                propagator.inject(message, context=only, setter=asgi_setter)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)

    def _end(self) -> None:
        span = self._span
        if not span.is_recording():
            return
        try:
            self._shapes.end(span, self._shaped(), self._scope)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)
            span.end()

    def _shaped(self) -> RequestShape:
        shape = self._shape
        if shape is None:
            scope = self._scope
            route = self._route_of(scope, self._came_with)
            shape = self._shape = self._shapes.of(scope, self._method, route, self.status, self._kind)
        return shape

    def _measure(self) -> None:
        shape, shapes = self._shaped(), self._shapes
        context = self._span.get_span_context()
        exemplar = shapes.exemplars == "all" or (shapes.exemplars == "sampled" and context.trace_flags.sampled)
        shape.duration.record(max(perf_counter() - self._started, 0), context, exemplar=exemplar)
        length = self._length
        # Like contrib's: a response without a body isn't measured.
        if length and shapes.in_range(RESPONSE_SIZE, length):
            shape.response_size.record(length, context, exemplar=exemplar)
        length = _content_length(self._scope.get("headers"))
        if length is not None and shapes.in_range(REQUEST_SIZE, length):
            shape.request_size.record(length, context, exemplar=exemplar)


def _content_length(headers: Any) -> int | None:
    for name, value in headers or ():
        if name == b"content-length":
            try:
                return int(value)
            except ValueError:
                return None
    return None
