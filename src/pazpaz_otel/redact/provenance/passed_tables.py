"""Functions that pick by data from what they are passed: `def tell(code, texts): raise Refused(texts[code])`.

The statement that calls such a function doesn't say the texts of the table that it passes.
"""

from __future__ import annotations

import ast
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import remembering
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.displays import FILLERS, GETTERS, PICKERS, is_constant
from pazpaz_otel.redact.provenance.function_body import body_of
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.resolving import arguments_of
from pazpaz_otel.redact.provenance.source import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.places import Spot

TABLES: Final = 1
"""A function picks from a parameter."""
ARGUMENTS: Final = 2
"""A function picks one of its arguments, from `*texts`, `(text, other)` or `vars(texts)`."""
_SEVERAL: Final = 2
_WHOLE: Final = frozenset({"asdict", "astuple", "locals", "vars"})
"""Functions that make a table of an object's attributes or of variables."""


def picked_by(spot: Spot) -> int:
    """Return `TABLES` or `ARGUMENTS` if the running function picks from what it is passed, else 0."""
    return max(_read(spot))


def picks_outer(spot: Spot) -> bool:
    """Return whether the running function picks from a variable of the function around it, such as a decorator."""
    return _read(spot)[1] > 0


@remembering(4096, attrgetter("code", "module"))
def _read(spot: Spot) -> tuple[int, int]:
    located = None if is_installed(spot.code.co_filename) else locate(spot.code, spot.lasti, spot.module)
    function = located.function if located is not None else None
    outer = dict.fromkeys(spot.code.co_freevars, TABLES)
    return (_picked_in(function, _passed(function)), _picked_in(function, outer)) if function is not None else (0, 0)


def is_picking(call: ast.Call, resolver: Follower) -> bool:
    """Return whether a call passes several literals to a function of the application that picks from them.

    Args:
        call: the call.
        resolver: resolves the module's names.
    """
    if not passes_several([call]):
        return False
    # What a call inside makes of several, such as `dict(late="…")`, is a table, and so is an object.
    is_table = passes_several(ast.iter_child_nodes(call))
    found, own = resolver.callable(call.func), resolver.index()
    functions: Iterable[Function] = ()
    index = resolver.readable(found.__module__) if type(found) is FunctionType or is_a(found, type) else None
    if is_a(found, type):
        is_table, functions = True, index.methods_of(found) if index and not issubclass(found, BaseException) else ()
    elif index is not None:
        functions = filter(None, [index.functions.get(found.__qualname__)])
    elif isinstance(call.func, ast.Attribute) and own is not None:
        functions = own.methods.get(call.func.attr, [])
    enough = TABLES if is_table else ARGUMENTS
    return any(_picked_in(function, _passed(function)) >= enough for function in functions)


def _passed(function: Function) -> dict[str, int]:
    args = function.args
    named = dict.fromkeys([arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)], TABLES)
    return named | {arg.arg: ARGUMENTS for arg in (args.vararg, args.kwarg) if arg is not None}


def _picked_in(function: Function, levels: dict[str, int]) -> int:
    for name, values in body_of(function).assigned.items():
        levels[name] = max(levels.get(name, 0), *(_held(value, levels) for value in values))
    nodes = (node for statement in function.body for node in ast.walk(statement))
    return max((_picked(node, levels) for node in nodes), default=0)


def _picked(node: ast.AST, levels: Mapping[str, int]) -> int:  # noqa: PLR0911 - a list of forms
    match node:
        case ast.Subscript(value=held, slice=key) if not _is_fixed(key):
            return _held(held, levels)
        case ast.Call(func=ast.Name(id="getattr"), args=[held, key, *_]) if not is_constant(key):
            return ARGUMENTS if _held(held, levels) else 0
        case ast.Call(func=ast.Attribute(value=held, attr=method), args=[key, *_]) if method in PICKERS:
            return 0 if is_constant(key) else _held(held, levels)
        case ast.Call(func=ast.Attribute(value=ast.JoinedStr() | ast.BinOp(), attr=method)) if method in FILLERS:
            return ARGUMENTS if _held(node, levels) else 0
        case ast.BinOp(left=ast.JoinedStr(), op=ast.Mod(), right=held):
            return ARGUMENTS if _held(held, levels) else 0
        case ast.Call(func=ast.Attribute(attr="getitem") | ast.Name(id="getitem"), args=[held, _]):
            return _held(held, levels)
        case ast.Call(func=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)), args=[held]) if name in GETTERS:
            return ARGUMENTS if _held(held, levels) else 0
        case ast.Call(args=[ast.Attribute(value=held, attr=method), *_]) if method in PICKERS:
            return _held(held, levels)
    return 0


def _held(node: ast.expr, levels: Mapping[str, int]) -> int:
    """Return how an expression holds what the function was passed."""
    found = 0
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name):
                found = max(found, levels.get(name, 0))
            case ast.Dict(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
                if sum(isinstance(value, ast.Name) and value.id in levels for value in values) >= _SEVERAL:
                    return ARGUMENTS
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _WHOLE:
                return ARGUMENTS
            case ast.Attribute(attr="__dict__"):
                return ARGUMENTS
    return found


def _is_fixed(key: ast.expr) -> bool:
    bounds = (key.lower, key.upper, key.step) if isinstance(key, ast.Slice) else (key,)
    return all(bound is None or is_constant(bound) for bound in bounds)


def passes_several(nodes: Iterable[ast.AST]) -> bool:
    """Return whether a call in a statement passes several literals, one of which a function may pick."""
    calls = (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(sum(map(_is_text, arguments_of(call))) >= _SEVERAL for call in calls)


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and type(value.value) is str
