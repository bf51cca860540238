"""The routes of the process's applications: evidence for the guards."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace

from pazpaz_otel import patches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.redact.evidence import Evidence

PROBES: Final = frozenset({"/health", "/health/live", "/health/ready", "/api/v1/health", "/metrics"})
"""Routes that are asked about the application, and so are neither traced nor counted."""

_LATE: Final = "_pazpaz_otel_late"


def register(application: Any, evidence: Evidence) -> None:
    """Let the routes of an application, those that it will have included, be proven."""
    registered = weakref.ref(application)
    evidence.add_routes(lambda: routes_of(found) if (found := registered()) is not None else ())


def mark_late_routes() -> None:
    """Mark every route that is made while a request is handled: its path may hold what came with the request."""
    patches.install("starlette.route.new", _marking_late_routes)


def _marking_late_routes(_: Any) -> Any:
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
