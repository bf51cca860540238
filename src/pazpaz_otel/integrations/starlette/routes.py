"""Collect the routes of the process's applications, as evidence for the guards."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace

from pazpaz_otel import patches
from pazpaz_otel.integrations.starlette.inside import mounted_at
from pazpaz_otel.redact.provenance.source import strings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import FrameType

    from pazpaz_otel.redact.evidence import Evidence

PROBES: Final = frozenset({"/health", "/health/live", "/health/ready", "/api/v1/health", "/metrics"})
"""Routes for probes and scrapes, which are neither traced nor counted."""

_LATE: Final = "_pazpaz_otel_late"
_FRAMES: Final = 24
_PIECES: Final = 3


def register(application: Any, evidence: Evidence) -> None:
    """Let an application's routes be proven, including those it adds later."""
    registered = weakref.ref(application)
    evidence.add_routes(lambda: routes_of(found) if (found := registered()) is not None else ())


def mark_late_routes() -> None:
    """Mark every route created while something is traced unless its path is in the source: it may hold request data."""
    patches.install("starlette.route.new", _marking_late_routes)


def _marking_late_routes(_: Any) -> Any:
    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        route = object.__new__(cls)
        if trace.get_current_span().get_span_context().is_valid:
            # A router included with FastAPI's `include_router` has a prefix instead of a path.
            prefix = getattr(kwargs.get("include_context"), "prefix", None)
            path = kwargs.get("path", args[0] if args else prefix)
            if not _is_written(path, sys._getframe(1)):  # noqa: SLF001 - the documented way to a frame
                setattr(route, _LATE, True)
        return route

    return staticmethod(__new__)


def _is_written(path: Any, frame: FrameType | None) -> bool:
    """Return whether a path consists of constants of the running code, as when a module is imported late."""
    if type(path) is not str:
        return False
    pieces: set[str] = set()
    for _ in range(_FRAMES):
        if frame is None:
            break
        module = sys.modules.get(frame.f_globals.get("__name__", ""))
        # Code compiled at run time can claim any name, but doesn't run in a module's own file.
        if module is not None and vars(module) is frame.f_globals and frame.f_code.co_filename == module.__file__:
            pieces.update(piece for piece in strings_of(frame.f_code) if piece.startswith("/") and len(piece) > 1)
        frame = frame.f_back
    return path in {"", "/"} or _covers(pieces, path)


def _covers(pieces: set[str], path: str, depth: int = 0) -> bool:
    if path in pieces:
        return True
    return depth < _PIECES and any(
        path.startswith(piece) and _covers(pieces, path[len(piece) :], depth + 1) for piece in pieces
    )


def routes_of(application: Any) -> Iterator[str]:
    """Yield the full templates of an application's routes, including those of mounted applications."""
    yield from _templates(application, "", ())


def flat(routes: Sequence[Any]) -> Iterable[Any]:
    """Return routes with those of included routers, as FastAPI has them where it is installed."""
    try:
        from fastapi.routing import iter_route_contexts  # noqa: PLC0415
    except ImportError:
        return routes
    return iter_route_contexts(routes)


def _templates(holder: Any, prefix: str, above: tuple[Any, ...]) -> Iterator[str]:
    routes = [route for route in holder.routes if not getattr(route, _LATE, False)]
    for route in flat(routes):
        original = getattr(route, "original_route", None) or getattr(route, "route", None) or route
        if getattr(original, _LATE, False):
            continue
        for attribute in ("path", "path_format"):
            path = getattr(route, attribute, None)
            if isinstance(path, str):
                yield prefix + path
        mounted = mounted_at(route)
        # A middleware may also hold what it is mounted in.
        if mounted is not None and all(mounted is not one for one in (*above, holder)):
            yield from _templates(mounted, prefix + (getattr(route, "path", None) or ""), (*above, holder))
