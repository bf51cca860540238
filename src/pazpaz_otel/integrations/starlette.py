"""The application's routes: evidence for the guards, and the requests in progress on each."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.metrics import CallbackOptions, Observation, get_meter

from pazpaz_otel import patches
from pazpaz_otel._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pazpaz_otel.redact.guards import Guard

PROBES: Final = frozenset({"/health", "/health/live", "/health/ready", "/api/v1/health", "/metrics"})
"""Routes that are asked about the application, and so are neither traced nor counted."""

_LATE = "_pazpaz_otel_late"


def watch_applications(guard: Guard) -> None:
    """Registers the routes of every Starlette or FastAPI application, as it builds its middleware."""

    def registering(original: Any) -> Callable[..., Any]:
        def build_middleware_stack(self: Any) -> Any:
            application = weakref.ref(self)
            guard.evidence.add_routes(lambda: routes_of(found) if (found := application()) is not None else ())
            return original(self)

        return build_middleware_stack

    for library in ("starlette", "fastapi"):
        patches.install(f"{library}.stack", registering)
    patches.install("starlette.route.new", _marking_late_routes)


def _marking_late_routes(_: Any) -> Any:
    """Mark every route that is made while a request is handled: its path may hold what came with the request."""

    def __new__(cls: Any, *_: Any, **__: Any) -> Any:  # noqa: N807
        route = object.__new__(cls)
        if trace.get_current_span().get_span_context().is_valid:
            setattr(route, _LATE, True)
        return route

    return staticmethod(__new__)


def routes_of(application: Any) -> Iterator[str]:
    """The full templates of an application's routes, mounted applications' included."""
    yield from _templates(application.routes, "")


def _templates(routes: Iterable[Any], prefix: str) -> Iterator[str]:
    routes = [route for route in routes if not getattr(route, _LATE, False)]
    try:
        from fastapi.routing import iter_route_contexts  # noqa: PLC0415
    except ImportError:
        flat: Iterable[Any] = routes
    else:
        flat = iter_route_contexts(routes)
    for route in flat:
        original = getattr(route, "original_route", None) or getattr(route, "route", None) or route
        if getattr(original, _LATE, False):
            continue
        for attribute in ("path", "path_format"):
            path = getattr(route, attribute, None)
            if isinstance(path, str):
                yield prefix + path
        inner = getattr(route, "routes", None) or getattr(original, "routes", None)
        if inner:
            yield from _templates(inner, prefix + (getattr(route, "path", None) or ""))


class RequestsInProgress:
    """Counts the requests that a route is handling, by method and template.

    The semantic conventions' `http.server.active_requests` has no route; the guide's `http_requests_inprogress` has.
    """

    def __init__(self, guard: Guard) -> None:
        self._evidence = guard.evidence
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = {}

    def install(self) -> None:
        """Counts every HTTP route of FastAPI from now on."""
        count = self._count

        def counting(original: Any) -> Callable[..., Any]:
            async def handle(self: Any, scope: Any, receive: Any, send: Any) -> None:
                key = scope.get("method", ""), _template(self, scope)
                count(key, 1)
                try:
                    await original(self, scope, receive, send)
                finally:
                    count(key, -1)

            return handle

        if patches.install("fastapi.route.handle", counting):
            get_meter("pazpaz_otel", __version__).create_observable_up_down_counter(
                "http_requests_inprogress", callbacks=[self.observe]
            )

    def observe(self, _: CallbackOptions) -> Iterable[Observation]:
        """The requests in progress now; a route once seen stays, at zero."""
        with self._lock:
            counts = list(self._counts.items())
        return [
            Observation(n, {"method": method, "handler": route})
            for (method, route), n in counts
            if route not in PROBES and self._evidence.route(route)
        ]

    def _count(self, key: tuple[str, str], by: int) -> None:
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + by


def _template(route: Any, scope: Any) -> str:
    context = (scope.get("fastapi") or {}).get("effective_route_context")
    found = context if context is not None and getattr(context, "original_route", None) is route else route
    mounted = scope.get("root_path", "")[len(scope.get("app_root_path", "")) :]
    return f"{mounted}{found.path}"
