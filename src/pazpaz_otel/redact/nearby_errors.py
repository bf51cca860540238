"""Find the exceptions that a running statement may tell: the one being handled, and those that its names hold.

Exceptions are often told after their handler, or without one: `future.exception()`, the results of
`gather(return_exceptions=True)`, `errors.append(error)`, the members of a group. One that the statement doesn't mention
proves nothing: a value might equal its message.
"""

from __future__ import annotations

import ast
import re
import sys
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.fifo_cache import FifoCache, remembering
from pazpaz_otel.redact.provenance.bindings import Choice, Each
from pazpaz_otel.redact.provenance.callers import OURS, is_of
from pazpaz_otel.redact.provenance.code_index import is_a, own_attributes
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.function_body import body_of
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.mentions import LOG_METHODS
from pazpaz_otel.redact.provenance.places import MAX_DEPTH, Spot
from pazpaz_otel.redact.provenance.source import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import CodeType, FrameType, TracebackType

_FUTURES: Final = (("asyncio", "Future"), ("concurrent.futures", "Future"))
_HINT: Final = re.compile(r"err|exc|fail|problem", re.IGNORECASE)
"""What the names in a function contain that deals with exceptions; others' statements aren't read."""
_MAX_NAMES: Final = 16
_MAX_ITEMS: Final = 16
_STEPS: Final = 3
"""How many assignments lie at most between a statement's name and the exception's."""

NEVER: Final[tuple[BaseException, ...]] = ()

_Names = tuple[tuple[str, str | None], ...]
"""Names, each with the attribute of it that is meant, if any."""

_kinds: FifoCache[int, tuple[CodeType, bool | None]] = FifoCache(4096)
"""For each code, whether its variables may hold exceptions; None for code that isn't the application's."""


def errors_near(frame: FrameType | None) -> Sequence[BaseException]:
    """Return the exception being handled with its cause and context, and those that the application's statement holds.

    Args:
        frame: where to start; the first frame outwards that runs the application's code counts.

    Returns:
        `NEVER` if none is being handled and the names in the application's function tell of none.
    """
    handled = sys.exc_info()[1]
    found = [] if handled is None else [handled, handled.__cause__, handled.__context__]
    own = _application(frame)
    if handled is None and (own is None or not _holds_errors(own)):
        return NEVER
    if own is not None:
        found += errors_held(Spot(own.f_code, own.f_lasti, own.f_globals, own))
    errors = list({id(error): error for error in found if error is not None}.values())
    groups = [error.exceptions[:_MAX_ITEMS] for error in errors if is_a(error, BaseExceptionGroup)]
    return [*errors, *(member for members in groups for member in members)]


def errors_held(spot: Spot) -> Iterator[BaseException]:
    """Yield the exceptions that a statement's names hold: themselves, in containers, and those of futures."""
    names = _mentioned(spot) if _holds_errors(spot.frame) else ()
    variables = values_in(spot.frame) if names else {}
    for name, attribute in names:
        value = variables.get(name)
        if attribute is not None:
            value = own_attributes(value).get(attribute)
        items: Any = (value,)
        if is_a(value, dict):
            items = islice(list(dict.values(value)), _MAX_ITEMS)
        elif type(value) is list or type(value) is tuple:
            items = value[:_MAX_ITEMS]
        yield from (error for item in items if (error := _error_of(item)) is not None)


def group_of(error: BaseException, frame: FrameType | None) -> TracebackType | None:
    """Return the traceback of a group near by that has an exception as its member."""
    groups = (group for group in errors_near(frame) if is_a(group, BaseExceptionGroup))
    return next((group.__traceback__ for group in groups if any(error is one for one in group.exceptions)), None)


def _error_of(value: object) -> BaseException | None:
    if value is None or type(value) is str:
        return None
    if is_a(value, BaseException):
        return value
    for module, name in _FUTURES:
        cls = getattr(sys.modules.get(module), name, None)
        if cls is not None and is_a(value, cls):
            # `exception()` would count as having retrieved it.
            held = getattr(value, "_exception", None)
            return held if is_a(held, BaseException) else None
    return None


@remembering(2048, attrgetter("code", "lasti"))
def _mentioned(spot: Spot) -> _Names:
    """Return the names in a statement, and in what its function's names are bound to."""
    located = locate(spot.code, spot.lasti, spot.module)
    bound = body_of(located.function if located is not None else None).bindings
    found: dict[tuple[str, str | None], None] = {}
    nodes: Iterable[ast.AST] = located.nodes if located is not None else ()
    for _ in range(_STEPS):
        names = [name for name in _names_in(nodes) if name not in found]
        found |= dict.fromkeys(names)
        nodes = [value for name, _ in names for value in bound.get(name, ())]
    return tuple(islice(found, _MAX_NAMES))


def _names_in(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str | None]]:
    stack = list(nodes)
    while stack:
        node = stack.pop()
        match node:
            case Each(items=items):
                stack.append(items)
            case Choice(values=values):
                stack.extend(values)
            case ast.Call(func=ast.Attribute(value=inner, attr=method)):
                stack += [*node.args, *node.keywords] if method in LOG_METHODS and node.args else [inner, *node.args]
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                yield from ((name, attribute), (name, None))
            case ast.Name(id=name):
                yield name, None
            case _:
                stack.extend(ast.iter_child_nodes(node))


def _application(frame: FrameType | None) -> FrameType | None:
    for _ in range(MAX_DEPTH):
        if frame is None or _holds_errors(frame) is not None:
            return frame
        frame = frame.f_back
    return None


def _holds_errors(frame: FrameType) -> bool | None:
    code = frame.f_code
    known = _kinds.get(id(code))
    if known is None:
        names = (*code.co_names, *code.co_varnames, *code.co_cellvars, *code.co_freevars)
        is_own = not (is_of(frame.f_globals, OURS) or is_installed(code.co_filename))
        known = _kinds.keep(id(code), (code, any(map(_HINT.search, names)) if is_own else None))
    return known[1]
