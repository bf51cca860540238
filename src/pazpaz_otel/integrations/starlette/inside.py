"""What is mounted at a route, below whatever middlewares it is wrapped in."""

from __future__ import annotations

import inspect
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_OBJECTS: Final = 64
"""How many objects are looked at, at most, for the application that a middleware holds."""


def mounted_at(route: Any) -> Any:
    """Return the application or router that a `Mount` or `Host` hands requests on to; None where none is found.

    Args:
        route: of an application, or the context that FastAPI makes of an included one.
    """
    from starlette.routing import Host, Mount  # noqa: PLC0415 - the application may have no such framework

    if not isinstance(getattr(route, "original_route", None) or route, (Mount, Host)):
        return None
    # A mount may have middlewares of its own; what they wrap is at hand.
    return routed(getattr(route, "_base_app", None) or getattr(route, "app", None))


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
        named = {name: getattr(thing, name, None) for name in ((slots,) if isinstance(slots, str) else slots)}
        named |= getattr(thing, "__dict__", {})
        yield from (named[name] for name in sorted(named, key=lambda name: name.strip("_") != "app"))
