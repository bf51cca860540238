"""The look-up of a request's route, in less time and with the same result.

The stock one matches the path against every route of the application before the framework does so again: a hundred
microseconds with eighty routes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FRESH: Final = 5.0
"""Seconds for which an application's routes are taken to be the same; a path without one is looked up anew."""
_KNOWN: Final = "_pazpaz_otel_routes"


def fast_routes() -> None:
    """Make the FastAPI instrumentation match a path against only those routes that begin like it."""
    from opentelemetry.instrumentation import fastapi  # noqa: PLC0415

    patches.install("fastapi.route.lookup", lambda original: RouteLookup(original, fastapi._flatten_routes))  # noqa: SLF001


class RouteLookup:
    """Find a request's route template.

    Args:
        original: finds it for an ASGI scope, among all routes of `scope["app"]`.
        flatten: makes a flat list of routes out of an application's.
    """

    def __init__(self, original: Callable[[Any], str | None], flatten: Callable[[Any], Iterable[Any]]) -> None:
        self._original = original
        self._flatten = flatten

    def __call__(self, scope: Any) -> str | None:
        """Return the template, mounted applications' included, or `None` where no route matches."""
        path = scope.get("path")
        if scope.get("root_path") or not isinstance(path, str):
            # What routes are matched against isn't the path.
            found = self._original(scope)
            return found and found + self._mounted(scope, [route for _, route in self._routes(scope["app"])], found)
        candidates = [route for prefix, route in self._routes(scope["app"]) if path.startswith(prefix)]
        found = self._original({**scope, "app": _Application(candidates)}) if candidates else None
        if found is None:
            found = self._original(scope)
        return found and found + self._mounted(scope, candidates, found)

    def _mounted(self, scope: Any, candidates: list[Any], found: str) -> str:
        """Return what the applications mounted at a route add to its template; empty where there is none."""
        from starlette.routing import Match, Mount  # noqa: PLC0415 - the application may have no such framework

        for candidate in candidates:
            mount = getattr(candidate, "original_route", None) or candidate
            if not isinstance(mount, Mount) or candidate.path != found or not mount.routes:
                continue
            match, inner = mount.matches(scope)
            if match is Match.FULL:
                routes = list(self._flatten(mount.routes))
                # As the framework hands it on to the mounted application.
                handed = {**scope, **inner, "app": _Application(routes)}
                below = self._original(handed)
                return below + self._mounted(handed, routes, below) if below is not None else ""
        return ""

    def _routes(self, application: Any) -> list[tuple[str, Any]]:
        now = time.monotonic()
        until, routes = getattr(application, _KNOWN, (0.0, []))
        if now >= until:
            routes = [(_prefix(route), route) for route in self._flatten(application.routes)]
            # At the application itself, which the routes hold: they end together.
            setattr(application, _KNOWN, (now + _FRESH, routes))
        return routes


class _Application:
    def __init__(self, routes: list[Any]) -> None:
        self.routes = routes


def _prefix(route: Any) -> str:
    """Return what every path of this route begins with; empty where that isn't known."""
    from starlette.routing import Route, WebSocketRoute  # noqa: PLC0415 - the application may have no such framework

    actual = getattr(route, "original_route", None) or route
    path = getattr(route, "path", None)
    if not isinstance(actual, (Route, WebSocketRoute)) or not isinstance(path, str):
        return ""
    return path.partition("{")[0]
