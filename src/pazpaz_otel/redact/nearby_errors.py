"""Find the exceptions that a running function may be telling: the one being handled, and those in its variables.

Exceptions are often told after their handler, or without one: `future.exception()`, the results of
`gather(return_exceptions=True)`, `errors.append(error)`, the members of a group.
"""

from __future__ import annotations

import re
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.places import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType, TracebackType

_OURS: Final = "pazpaz_otel."
_FUTURES: Final = (("asyncio", "Future"), ("concurrent.futures", "Future"))
_HINT: Final = re.compile(r"err|exc|fail|problem", re.IGNORECASE)
"""What the names in a function contain that deals with exceptions; others' variables aren't read."""
_MAX_VALUES: Final = 64
_MAX_ITEMS: Final = 16

_kinds: FifoCache[int, tuple[CodeType, bool | None]] = FifoCache(4096)
"""For each code, whether its variables may hold exceptions; None for code that isn't the application's."""


def errors_near(frame: FrameType | None) -> list[BaseException]:
    """Return the exception being handled with its cause and context, and those that the application's frame holds.

    Args:
        frame: where to start; the first frame outwards that runs the application's code counts.
    """
    handled = sys.exc_info()[1]
    found = [] if handled is None else [handled, handled.__cause__, handled.__context__]
    for _ in range(MAX_DEPTH):
        holds = _holds_errors(frame) if frame is not None else False
        if frame is None or holds is not None:
            found += errors_held(frame) if holds and frame is not None else ()
            break
        frame = frame.f_back
    errors = [error for error in found if error is not None]
    groups = [error.exceptions[:_MAX_ITEMS] for error in errors if isinstance(error, BaseExceptionGroup)]
    return [*errors, *(member for members in groups for member in members)]


def errors_held(frame: FrameType) -> Iterator[BaseException]:
    """Yield the exceptions in the variables of a frame: themselves, in containers, and those of futures."""
    for value in islice(list(values_in(frame).values()), _MAX_VALUES):
        items: Any = (value,)
        if is_a(value, dict):
            items = islice(list(dict.values(value)), _MAX_ITEMS)
        elif is_a(value, (list, tuple)):
            items = value[:_MAX_ITEMS] if type(value) in {list, tuple} else ()
        yield from (error for item in items if (error := _error_of(item)) is not None)


def group_of(error: BaseException, frame: FrameType | None) -> TracebackType | None:
    """Return the traceback of a group near by that has an exception as its member."""
    groups = (group for group in errors_near(frame) if isinstance(group, BaseExceptionGroup))
    return next((group.__traceback__ for group in groups if any(error is one for one in group.exceptions)), None)


def _error_of(value: object) -> BaseException | None:
    if is_a(value, BaseException):
        return value
    for module, name in _FUTURES:
        cls = getattr(sys.modules.get(module), name, None)
        if cls is not None and is_a(value, cls):
            # `exception()` would count as having retrieved it.
            held = getattr(value, "_exception", None)
            return held if is_a(held, BaseException) else None
    return None


def _holds_errors(frame: FrameType) -> bool | None:
    code = frame.f_code
    known = _kinds.get(id(code))
    if known is None:
        names = (*code.co_names, *code.co_varnames, *code.co_cellvars, *code.co_freevars)
        is_ours = str(frame.f_globals.get("__name__")).startswith(_OURS)
        is_own = not (is_ours or is_installed(code.co_filename))
        known = _kinds.keep(id(code), (code, any(map(_HINT.search, names)) if is_own else None))
    return known[1]
