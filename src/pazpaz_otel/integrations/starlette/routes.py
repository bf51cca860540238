"""The routes of the process's applications and of what is mounted in them: evidence, and the route of a request."""

from __future__ import annotations

import inspect
import sys
import time
import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel import patches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pazpaz_otel.redact.evidence import Evidence

_OBJECTS: Final = 64
"""How many objects are looked at, at most, for the application that a middleware holds."""
_MAX_AGE: Final = 5.0
"""For how many seconds an application's list of routes is reused, at most."""
_REST: Final = 20
"""How many times as long as it took to list the routes no path without a match makes another list."""
_MAX_DEPTH: Final = 16
"""How deeply applications may be mounted inside each other; a middleware may refer to what it is mounted in."""
_KNOWN: Final = "_pazpaz_otel_routes"


def register(application: Any, evidence: Evidence) -> None:
    """Let an application's routes be proven, including those it adds later."""
    registered = weakref.ref(application)
    evidence.add_routes(lambda: routes_of(found) if (found := registered()) is not None else ())


def look_up(patch: str, evidence: Evidence) -> None:
    """Make an instrumentation find whole templates, trying only routes with the same beginning as the path."""
    lookup = RouteLookup(lambda router: register(router, evidence))
    patches.install(patch, lambda _: lookup)


def routes_of(application: Any) -> Iterator[str]:
    """Yield the full templates of an application's routes, including those of mounted applications."""
    yield from _templates(application, "", ())


def flat(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield routes with those of included routers, as FastAPI's instrumentation has them where it is installed."""
    flattened: Callable[[Sequence[Any]], Iterable[Any]] = iter
    if "fastapi" in sys.modules:
        with suppress(ImportError):
            from opentelemetry.instrumentation.fastapi import _flatten_routes as flattened  # noqa: PLC0415
    for route in routes:
        # One that raises takes no other along.
        with suppress(Exception):
            yield from flattened((route,))


def _templates(holder: Any, prefix: str, above: tuple[Any, ...]) -> Iterator[str]:
    for route in flat(holder.routes):
        for attribute in ("path", "path_format"):
            path = _of(route, attribute)
            if isinstance(path, str):
                yield prefix + path
        mounted = mounted_at(route)
        # A middleware may also hold what it is mounted in.
        if mounted is not None and all(mounted is not one for one in (*above, holder)):
            with suppress(Exception):
                yield from _templates(mounted, prefix + (_of(route, "path") or ""), (*above, holder))


def _of(route: Any, attribute: str) -> Any:
    """Return an attribute of a route, or None if it has none or raises."""
    try:
        return getattr(route, attribute, None)
    except Exception:  # noqa: BLE001 - an application's own class may raise anything
        return None


def mounted_at(route: Any) -> Any:
    """Return the application or router that a `Mount` or `Host` hands requests on to; None where none is found.

    Args:
        route: of an application, or the context that FastAPI makes of an included one.
    """
    from starlette.routing import Host, Mount  # noqa: PLC0415 - the application may have no such framework

    if not isinstance(_of(route, "original_route") or route, (Mount, Host)):
        return None
    # A mount may have middlewares of its own; what they wrap is at hand.
    return routed(_of(route, "_base_app") or _of(route, "app"))


def routed(app: Any) -> Any:
    """Return the application or router that an ASGI application is or wraps; None where none is found.

    Middlewares keep what they wrap in an attribute or, where they are functions, in a closure.
    """
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.routing import Router  # noqa: PLC0415

    waiting = [app]
    seen: set[int] = set()
    for thing in waiting:
        if isinstance(thing, (Starlette, Router)):
            return thing
        if len(seen) < _OBJECTS and id(thing) not in seen:
            seen.add(id(thing))
            waiting += [held for held in _held(thing) if callable(held) and not isinstance(held, type)]
    return None


def _held(thing: Any) -> Iterator[Any]:
    """Yield what a middleware holds, what is called `app` first."""
    if isinstance(thing, partial):
        yield from (thing.func, *thing.args, *thing.keywords.values())
    elif inspect.isfunction(thing):
        for cell in thing.__closure__ or ():
            with suppress(ValueError):  # an empty cell
                yield cell.cell_contents
    elif inspect.ismethod(thing):
        yield thing.__self__
    else:
        slots = getattr(type(thing), "__slots__", ())
        named = {name: _of(thing, name) for name in ((slots,) if isinstance(slots, str) else slots)}
        named |= _of(thing, "__dict__") or {}
        yield from (named[name] for name in sorted(named, key=lambda name: name.strip("_") != "app"))


_Listed = tuple[str, Any, Any]
"""What every path of a route begins with, the route, and what is mounted there."""


class _Known(NamedTuple):
    """An application's routes.

    Attributes:
        listed: all of them.
        held: the number of those that the application itself holds.
        until: when they are listed anew.
        rests_until: when they are listed anew for a path without a match.
    """

    listed: list[_Listed]
    held: int
    until: float
    rests_until: float


class RouteLookup:
    """Find a request's whole route template, through mounted applications.

    The instrumentations' own look-up ends at a mount, and matches the path against every route before the framework
    does so again, which takes a hundred microseconds for eighty routes.

    Args:
        found: called once with each router that passes requests on to applications.
    """

    def __init__(self, found: Callable[[Any], None] = lambda _: None) -> None:
        self._found = found

    def __call__(self, scope: Any) -> str | None:
        """Return the template, starting from the outermost application, or `None` if no route matches."""
        app, router = scope.get("app"), scope.get("router")
        if router is not None and getattr(app, "router", app) is not router:
            # The outermost router stores itself there, and each mount stores the path's beginning.
            if _KNOWN not in vars(router):
                self._found(router)
            found = self._below(router, {**scope, "root_path": scope.get("app_root_path", scope.get("root_path", ""))})
            if found is not None:
                return found
        return self._below(app, scope)

    def _below(self, holder: Any, scope: Any, depth: int = 0) -> str | None:
        """Return the template of the first route that matches, as the framework would."""
        from starlette.routing import Match  # noqa: PLC0415 - the application may have no such framework

        path, partial = _path_of(scope), None
        before: list[_Listed] | None = None
        for is_missed in (False, True):
            listed = self._routes(holder, is_missed=is_missed)
            if listed is before:
                break
            for prefix, route, mounted in listed:
                if not path.startswith(prefix):
                    continue
                match, inner = _match(route, scope)
                if match is Match.FULL:
                    template: str | None = _of(route, "path")
                    is_inside = mounted is not None and depth < _MAX_DEPTH
                    below = self._below(mounted, {**scope, **inner}, depth + 1) if is_inside else None
                    return template if below is None else (template or "") + below
                if match is Match.PARTIAL:
                    partial = _of(route, "path")
            if partial is not None:
                break
            before = listed
        return partial

    def _routes(self, holder: Any, *, is_missed: bool) -> list[_Listed]:
        now, routes = time.monotonic(), _of(holder, "routes") or ()
        held = len(routes)
        known: _Known | None = getattr(holder, _KNOWN, None)
        if known is not None and now < known.until:
            # Routers that were included may have grown, which the number doesn't tell.
            may_differ = held != known.held or now >= known.rests_until
            if not (is_missed and may_differ):
                return known.listed
        listed = [(_prefix(route), route, mounted_at(route)) for route in flat(routes)]
        listing = time.monotonic() - now
        # At the application itself, which the routes hold: they end together.
        setattr(holder, _KNOWN, _Known(listed, held, now + _MAX_AGE, now + _REST * listing))
        return listed


def _match(route: Any, scope: Any) -> tuple[Any, Any]:
    """Return how a route matches, and what is passed on to it; one that raises matches nothing."""
    from starlette.routing import Match, Route  # noqa: PLC0415 - the application may have no such framework

    with suppress(Exception):
        # Without what FastAPI's own method adds.
        if isinstance(route, Route):
            return Route.matches(route, scope)
    with suppress(Exception):
        match, inner = route.matches(scope)
        return match, inner
    return Match.NONE, {}


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

    actual = _of(route, "original_route") or route
    path = _of(route, "path")
    if not isinstance(actual, (Route, WebSocketRoute)) or not isinstance(path, str):
        return ""
    return path.partition("{")[0]
