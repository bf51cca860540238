"""An ASGI middleware for a request's span and metrics that replaces contrib's.

It emits what contrib's emits after the guards (`tests/integration/test_lean.py` compares them), but collects nothing
that the guards would drop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context as otel
from opentelemetry.context import _SUPPRESS_HTTP_INSTRUMENTATION_KEY, _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware, get_host_port_url_tuple
from opentelemetry.sdk.trace import Tracer
from opentelemetry.trace import INVALID_SPAN, SpanKind, get_current_span

from pazpaz_otel.integrations import library
from pazpaz_otel.integrations.lean.incoming import Incoming
from pazpaz_otel.integrations.lean.request import RequestShapes
from pazpaz_otel.integrations.lean.served import Served
from pazpaz_otel.integrations.starlette.requests import SERVED, STATE
from pazpaz_otel.otel.otlp import shapes
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.integrations.starlette.in_progress import RequestsInProgress
    from pazpaz_otel.redact.guards import Guard

    Scope = dict[str, Any]
    Message = dict[str, Any]

_SUPPRESSING: Final = (_SUPPRESS_INSTRUMENTATION_KEY, "suppress_instrumentation", _SUPPRESS_HTTP_INSTRUMENTATION_KEY)


class LeanServer:
    """Trace and measure requests and WebSockets.

    Args:
        app: the application's own middleware and routes.
        guard: the policy and the evidence.
        route_of: returns the template of a request's route if the router hasn't set it.
        progress: counts the requests in progress.
        options: the options of contrib's middleware, which serves requests that ours can't.
    """

    def __init__(
        self,
        app: Any,
        guard: Guard,
        route_of: Callable[[Scope], str | None],
        progress: RequestsInProgress,
        **options: Any,
    ) -> None:
        self.inner = app
        """The application's own middleware and routes."""
        # Kept in the chain, where FastAPI's telemetry and others look for contrib's middleware.
        self.app = OpenTelemetryMiddleware(app, **options)
        self._route_of = route_of
        self._excluded: Any = library.known(options.get("excluded_urls"))
        self._tracer: Any = options["tracer"]
        self._progress = progress
        self._shapes = RequestShapes(guard, options["meter"], progress)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve one request, WebSocket or lifespan."""
        context = otel.get_current()
        if (
            scope["type"] not in ("http", "websocket")
            or SERVED in scope
            or (context and any(map(context.get, _SUPPRESSING)))
        ):
            await self.inner(scope, receive, send)
            return
        excluded = self._excluded
        if excluded is not None and (
            scope.get("path") in excluded if excluded is library.PATHS else excluded.url_disabled(_url_of(scope)[2])
        ):
            await self.inner(scope, receive, send)
            return
        tracer = self._tracer
        if tracer.__class__ is not Tracer:
            tracer = getattr(tracer, "_tracer", tracer)
            if tracer.__class__ is Tracer:
                # The proxy's tracer is final from now on.
                self._tracer = tracer
        if not shapes.are_known_to(tracer):
            self._progress.count_routes()
            await self.app(scope, receive, send)
            return
        try:
            incoming = Incoming(scope)
            kind, parent = _SERVER, None
            if context and (current := get_current_span(context)) is not INVALID_SPAN:
                kind, parent = SpanKind.INTERNAL, current.get_span_context()
            else:
                parent, context = incoming.parent(context)
            served = Served(scope, send, incoming.length, self._shapes, self._route_of)
            context = served.start(tracer, context, kind, parent)
        except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
            drops.fail("span", error)
            await self.inner(scope, receive, send)
            return
        scope[STATE] = served
        closed: list[Exception] = []
        scope[SERVED] = closed
        token = otel.attach(context)
        try:
            await self.inner(scope, receive, served.send)
        except Exception as error:
            served.failed(error)
            raise
        finally:
            served.finish()
            otel.detach(token)
        if closed:
            raise closed[0]


_SERVER: Final = SpanKind.SERVER
_url_of: Callable[[Scope], tuple[str, int, str]] = get_host_port_url_tuple
