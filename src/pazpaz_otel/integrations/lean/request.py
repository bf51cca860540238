"""What requests for the same route have in common: the shape of their spans and their metric series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from opentelemetry.instrumentation._semconv import HTTP_DURATION_HISTOGRAM_BUCKETS_NEW, _StabilityMode
from opentelemetry.instrumentation.asgi import collect_request_attributes
from opentelemetry.trace import SpanKind
from opentelemetry.util.http import sanitize_method

from pazpaz_otel.otel.otlp import shapes, wire
from pazpaz_otel.otel.otlp.shapes import Shape
from pazpaz_otel.otel.prepared.instruments import Instruments
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Span, SpanContext

    from pazpaz_otel.integrations.starlette.in_progress import RequestsInProgress
    from pazpaz_otel.otel.prepared.instruments import Level, Recording
    from pazpaz_otel.redact.guards import Guard

    Scope = dict[str, Any]

_collect: Callable[[Scope, _StabilityMode], dict[str, Any]] = collect_request_attributes
_encoded_port: Final = wire.small_integer(b"J", "client.port")
REQUEST_SIZE: Final = "http.server.request.body.size"
RESPONSE_SIZE: Final = "http.server.response.body.size"
_MIN_STATUS: Final = 100
_LAST_PORT: Final = 65535
_SERVER_ERROR: Final = 500
_MAX_SHAPES: Final = 4096
"""The maximum number of shapes per application; each route has one for each method and status."""
_DEFAULT_BOUNDARIES: Final = (0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)
"""A histogram's default boundaries (OTel metrics SDK, explicit bucket histogram aggregation)."""
VARYING: Final = ("client.address", "client.port", "url.query", "user_agent.original", "user_agent.synthetic.type")
"""Attributes that differ between requests; collected only if the policy names them."""
_MEASURED: Final = (
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "network.protocol.version",
    "url.scheme",
)


class RequestShape(NamedTuple):
    """What all requests of one kind share."""

    template: str | None
    span: Shape
    duration: Recording
    request_size: Recording
    response_size: Recording

    def route(self) -> str | None:
        """Return the template of the route, as `Served.route` does while the request is being served."""
        return self.template


class RequestShapes:
    """An application's request shapes, each created when it is first needed."""

    def __init__(self, guard: Guard, meter: Meter, progress: RequestsInProgress) -> None:
        self._guard = guard
        self._progress = progress
        self.served = progress.served
        self._shapes: FifoCache[tuple[Any, ...], RequestShape] = FifoCache(_MAX_SHAPES)
        self._levels: FifoCache[tuple[str, str], Level] = FifoCache(_MAX_SHAPES)
        instruments = Instruments(meter, guard)
        self.exemplars = instruments.exemplars
        self._in_range = instruments.in_range
        self._duration = instruments.histogram(
            "http.server.request.duration", "s", HTTP_DURATION_HISTOGRAM_BUCKETS_NEW, is_advised=True
        )
        self._request_size = instruments.histogram(REQUEST_SIZE, "By", _DEFAULT_BOUNDARIES)
        self._response_size = instruments.histogram(RESPONSE_SIZE, "By", _DEFAULT_BOUNDARIES)
        self._active = instruments.up_down_counter("http.server.active_requests", "{request}")
        listed = [key for key in VARYING if key in guard.policy.attributes]
        self._varying = [key for key in listed if key != "client.port"]
        self._most = instruments.greatest(RESPONSE_SIZE)
        self._with_port = "client.port" in listed

    def of(self, scope: Scope, method: str, route: str | None, status: int | None, kind: SpanKind) -> RequestShape:
        """Return the shape of a request."""
        server = scope.get("server")
        key = (
            method,
            route,
            status,
            scope.get("scheme"),
            scope.get("http_version"),
            tuple(server) if server.__class__ is list else server,
            # Hashing an enum member calls a Python function.
            kind is _SERVER,
        )
        found = self._shapes.get(key)
        if found is None or not found.span.is_fresh:
            found = self._shapes.keep(key, self._made(scope, method, route, status, kind))
            self._progress.meet(scope)
        return found

    def active(self, method: str, scheme: str) -> Level:
        """Return the counter of active requests with this method and scheme."""
        level = self._levels.get((method, scheme))
        if level is None:
            attributes = {"http.request.method": method, "url.scheme": scheme}
            level = self._levels.keep((method, scheme), self._active(attributes))
        return level

    def end(self, span: Span, shape: RequestShape, scope: Scope) -> None:
        """End a request's span, adding the attributes that differ between requests if the policy names them."""
        client = scope.get("client") if self._with_port else None
        port = client[1] if client else None
        if self._varying:
            collected = _collect(scope, _StabilityMode.HTTP)
            own = {key: collected[key] for key in (*self._varying, "client.port") if key in collected}
            shapes.end(span, shape.span, own)
        elif port.__class__ is int and 0 <= port <= _LAST_PORT:
            shapes.end(span, shape.span, {"client.port": port}, _encoded_port(port))
        else:
            shapes.end(span, shape.span, {} if port is None else {"client.port": port})

    def measure(
        self, shape: RequestShape, seconds: float, request: int | None, response: int | None, context: SpanContext
    ) -> None:
        """Record a request's duration and sizes.

        Args:
            shape: the request's shape.
            seconds: its duration.
            request: the size of its body in bytes, if known.
            response: the size of the response's body in bytes.
            context: the context with its span.
        """
        exemplar = self.exemplars == "all" or (self.exemplars == "sampled" and context[3] & 1 == 1)
        shape.duration.record(seconds, context, exemplar=exemplar)
        # Like contrib, don't measure a response without a body.
        if response and (0 < response <= self._most or self._in_range(RESPONSE_SIZE, response)):
            shape.response_size.record(response, context, exemplar=exemplar)
        if request is not None and self._in_range(REQUEST_SIZE, request):
            shape.request_size.record(request, context, exemplar=exemplar)

    def _made(self, scope: Scope, method: str, route: str | None, status: int | None, kind: SpanKind) -> RequestShape:
        attributes = _collect({**scope, "headers": [], "client": None}, _StabilityMode.HTTP)
        for key in ("http.request.method_original", "url.path", "url.query"):
            attributes.pop(key, None)
        if route:
            # The guard would replace the path with the route; without a route, nothing of a path may leave.
            attributes |= {"http.route": route, "url.path": route}
        if status is not None:
            attributes["http.response.status_code"] = status
            if is_error(status):
                attributes["error.type"] = str(status)
        started_as = _NAMES.get(method, _OTHER)
        name = f"{started_as} {route}" if route else started_as
        measured: dict[str, Any] = {key: attributes[key] for key in _MEASURED if key in attributes}
        return RequestShape(
            route,
            Shape(self._guard, started_as, name, kind, attributes),
            self._duration(measured),
            self._request_size(measured),
            self._response_size(measured),
        )


def is_error(status: int) -> bool:
    """Return whether a response with this status is a server error."""
    return not _MIN_STATUS <= status < _SERVER_ERROR


def named(scope: Scope) -> tuple[str, str]:
    """Return a request's method as in the conventions, `_OTHER` for unknown ones, and the initial name of its span."""
    method = scope.get("method", "")
    name = _NAMES.get(method)
    if name is None:
        method = str(sanitize_method(method.strip()))
        name = _NAMES.get(method, _OTHER)
    return method, name


_SERVER: Final = SpanKind.SERVER

_NAMES: Final = {
    method: shapes.starting_name(method)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY")
}
_OTHER: Final = shapes.starting_name("HTTP")
