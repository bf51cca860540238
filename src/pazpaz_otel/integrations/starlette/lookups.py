"""A faster look-up of a request's whole route, through mounted applications.

The instrumentation's own ends at a mount, and matches the path against every route before the framework does so again,
which takes a hundred microseconds for eighty routes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.starlette import routes
from pazpaz_otel.integrations.starlette.inside import mounted_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pazpaz_otel.redact.evidence import Evidence

_MAX_AGE: Final = 5.0
"""For how many seconds an application's list of routes is reused; a path without a match is looked up anew."""
_MAX_DEPTH: Final = 16
"""How deeply applications may be mounted inside each other; a middleware may refer to what it is mounted in."""
_KNOWN: Final = "_pazpaz_otel_routes"


def whole_routes(evidence: Evidence) -> None:
    """Make the FastAPI instrumentation find whole templates, trying only routes with the same beginning as the path.

    Args:
        evidence: receives the routes of a router that serves without an application.
    """
    from opentelemetry.instrumentation import fastapi  # noqa: PLC0415

    lookup = RouteLookup(fastapi._flatten_routes, lambda router: routes.register(router, evidence))  # noqa: SLF001
    patches.install("fastapi.route.lookup", lambda _: lookup)


def whole_routes_of_starlette(evidence: Evidence) -> None:
    """Make the Starlette instrumentation find whole templates, FastAPI's included where that is mounted.

    Args:
        evidence: receives the routes of a router that serves without an application.
    """
    lookup = RouteLookup(routes.flat, lambda router: routes.register(router, evidence))
    patches.install("starlette.route.lookup", lambda _: lookup)


class RouteLookup:
    """Find a request's route template.

    Args:
        flatten: returns a flat list of an application's routes.
        register: called once with each router that passes requests on to applications.
    """

    def __init__(
        self, flatten: Callable[[Any], Iterable[Any]], register: Callable[[Any], None] = lambda _: None
    ) -> None:
        self._flatten = flatten
        self._register = register

    def __call__(self, scope: Any) -> str | None:
        """Return the template, starting from the outermost application, or `None` if no route matches."""
        app, router = scope.get("app"), scope.get("router")
        if router is not None and getattr(app, "router", app) is not router:
            # The outermost router stores itself there, and each mount stores the path's beginning.
            if _KNOWN not in vars(router):
                self._register(router)
            found = self._below(router, {**scope, "root_path": scope.get("app_root_path", scope.get("root_path", ""))})
            if found is not None:
                return found
        return self._below(app, scope)

    def _below(self, holder: Any, scope: Any, depth: int = 0) -> str | None:
        """Return the template of the first route that matches, as the framework would."""
        from starlette.routing import Match, Route  # noqa: PLC0415 - the application may have no such framework

        path, partial = _path_of(scope), None
        for fresh in (False, True):
            for prefix, route, mounted in self._routes(holder, is_fresh=fresh):
                if not path.startswith(prefix):
                    continue
                match, inner = Route.matches(route, scope) if isinstance(route, Route) else route.matches(scope)
                if match is Match.FULL:
                    template: str | None = getattr(route, "path", None)
                    is_inside = mounted is not None and depth < _MAX_DEPTH
                    below = self._below(mounted, {**scope, **inner}, depth + 1) if is_inside else None
                    return template if below is None else (template or "") + below
                if match is Match.PARTIAL:
                    partial = route.path
            if partial is not None:
                break
        return partial

    def _routes(self, holder: Any, *, is_fresh: bool) -> list[tuple[str, Any, Any]]:
        now = time.monotonic()
        until, found = getattr(holder, _KNOWN, (0.0, []))
        if now >= until or is_fresh:
            found = [(_prefix(route), route, mounted_at(route)) for route in self._flatten(holder.routes)]
            # At the application itself, which the routes hold: they end together.
            setattr(holder, _KNOWN, (now + _MAX_AGE, found))
        return found


def _path_of(scope: Any) -> str:
    """Return what routes are matched against: the path below the root, as the framework has it."""
    path, root = scope.get("path"), scope.get("root_path", "")
    if not isinstance(path, str):
        return ""
    if not root or not path.startswith(root) or path[len(root) : len(root) + 1] not in {"", "/"}:
        return path
    return path[len(root) :]


def _prefix(route: Any) -> str:
    """Return what every path of this route begins with, or an empty text if that is unknown."""
    from starlette.routing import Route, WebSocketRoute  # noqa: PLC0415 - the application may have no such framework

    actual = getattr(route, "original_route", None) or route
    path = getattr(route, "path", None)
    if not isinstance(actual, (Route, WebSocketRoute)) or not isinstance(path, str):
        return ""
    return path.partition("{")[0]
