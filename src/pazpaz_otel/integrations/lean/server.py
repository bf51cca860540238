"""One ASGI middleware for a request's span and metrics, in the place of contrib's.

What it emits is what contrib's emits after the guards (`tests/integration/test_lean.py` compares them); what nobody may
read is not collected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry import propagate
from opentelemetry.context import _SUPPRESS_HTTP_INSTRUMENTATION_KEY, _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.instrumentation.asgi import (
    ASGIGetter,
    OpenTelemetryMiddleware,
    _decode_header_item,
    get_host_port_url_tuple,
)
from opentelemetry.trace import INVALID_SPAN, SpanKind, get_current_span

from pazpaz_otel.integrations.lean import probes
from pazpaz_otel.integrations.lean.request import RequestShapes
from pazpaz_otel.integrations.lean.served import Served
from pazpaz_otel.integrations.starlette.requests import SERVED
from pazpaz_otel.otel.otlp import shapes
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.context import Context

    from pazpaz_otel.redact.guards import Guard

    Scope = dict[str, Any]
    Message = dict[str, Any]

STATE: Final = "pazpaz_otel.request"
"""The key of the ASGI scope under which the `Served` is, for those that ask for the response's status."""
_SUPPRESSING: Final = (
    _SUPPRESS_INSTRUMENTATION_KEY,
    "suppress_instrumentation",
    _SUPPRESS_HTTP_INSTRUMENTATION_KEY,
)
_CARRYING: Final = frozenset({b"traceparent", b"tracestate", b"baggage"})
_W3C: Final = frozenset({"traceparent", "tracestate", "baggage"})


class HeaderGetter(ASGIGetter):
    """Finds a header as contrib's getter does, without decoding the others, nine times a request."""

    def get(self, carrier: Scope, key: str) -> list[str] | None:
        """Return the header's values, in whatever case it is written; None where the request has none."""
        wanted = key.lower().encode()
        # By length first: servers give names in lower case, but needn't.
        size = len(wanted)
        found = [
            _decoded(value)
            for name, value in carrier.get("headers") or ()
            if len(name) == size and name.lower() == wanted
        ]
        return found or None


_headers: Final = HeaderGetter()


class LeanServer:
    """Traces and measures requests and WebSockets.

    Args:
        app: the application's own middlewares and routes.
        guard: the policy and the evidence.
        route_of: finds the template of a request's route where the router hasn't said it.
        options: as contrib's middleware takes them; it serves where spans of shapes may not be used.
    """

    def __init__(self, app: Any, guard: Guard, route_of: Callable[[Scope], str | None], **options: Any) -> None:
        self._app = app
        # In the chain, where those look who ask whether contrib's middleware is there, as FastAPI's own telemetry does.
        self.app = OpenTelemetryMiddleware(app, **options)
        self._route_of = route_of
        self._excluded: Any = probes.known(options.get("excluded_urls"))
        self._tracer: Any = options["tracer"]
        self._shapes = RequestShapes(guard, options["meter"])

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve one request, WebSocket or lifespan."""
        context = otel.get_current()
        if (
            scope["type"] not in ("http", "websocket")
            or SERVED in scope
            or (context and any(map(context.get, _SUPPRESSING)))
        ):
            await self._app(scope, receive, send)
            return
        if self._is_excluded(scope):
            await self._app(scope, receive, send)
            return
        tracer = getattr(self._tracer, "_tracer", self._tracer)
        if not shapes.are_known_to(tracer):
            await self.app(scope, receive, send)
            return
        try:
            served, context = self._start(tracer, scope, send, context)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)
            await self._app(scope, receive, send)
            return
        scope[STATE] = served
        closed: list[Exception] = []
        scope[SERVED] = closed
        token = otel.attach(context)
        try:
            await self._app(scope, receive, served.send)
        except Exception as error:
            served.failed(error)
            raise
        finally:
            served.finish()
            otel.detach(token)
        if closed:
            raise closed[0]

    def _start(self, tracer: Any, scope: Scope, send: Any, context: Context) -> tuple[Served, Context]:
        kind = SpanKind.SERVER
        if get_current_span(context) is not INVALID_SPAN:
            kind = SpanKind.INTERNAL
        elif _carries(scope):
            context = propagate.extract(scope, context, _headers)
        served = Served(scope, send, self._shapes, self.route_of)
        return served, served.start(tracer, context, kind)

    def _is_excluded(self, scope: Scope) -> bool:
        if self._excluded is probes.PATHS:
            return scope.get("path") in probes.PATHS
        return self._excluded is not None and self._excluded.url_disabled(_url_of(scope)[2])

    def route_of(self, scope: Scope, came_with: tuple[str, Any]) -> str | None:
        """Return the template of the route that matched, if one did."""
        root_path, application = came_with
        route = scope.get("route")
        if route is not None and scope.get("root_path", "") == root_path:
            included = (scope.get("fastapi") or _NOTHING).get("effective_route_context")
            if included is not None and getattr(included, "original_route", None) is route:
                route = included
            path = getattr(route, "path", None)
            if path is not None:
                return path  # type: ignore[no-any-return]
        return self._route_of({**scope, "root_path": root_path, "app": application})


_decoded: Callable[[bytes], str] = _decode_header_item
_url_of: Callable[[Scope], tuple[str, int, str]] = get_host_port_url_tuple
_NOTHING: Final[dict[str, Any]] = {}
_asked: tuple[Any, bool] = (None, False)


def _carries(scope: Scope) -> bool:
    """Return whether a request may carry a context: by W3C's headers, or by those of another propagator."""
    global _asked  # noqa: PLW0603 - a process has one propagator, which an application may replace
    propagator = propagate.get_global_textmap()
    if propagator is not _asked[0]:
        _asked = (propagator, propagator.fields <= _W3C)
    if not _asked[1]:
        return True
    for name, _ in scope.get("headers") or ():  # noqa: SIM110 - half the time of a generator
        if name in _CARRYING:
            return True
    return False
