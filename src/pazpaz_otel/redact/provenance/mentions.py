"""Which texts a statement's expressions mention, except those that data may choose from a table."""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.displays import CHANGERS, CHOOSERS, FILLERS, PICKERS, is_constant
from pazpaz_otel.redact.provenance.passed_tables import is_picking
from pazpaz_otel.redact.provenance.resolving import arguments_of, dotted, name_of_called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts

# What passes on its whole argument, by module: an application's own function may have the same name.
_CARRIERS: Final = {
    "LogRecord": ("opentelemetry._logs", "logging"),
    "Link": ("opentelemetry.trace",),
    "dumps": ("json", "orjson", "ujson", "simplejson", "rapidjson"),
}
LOG_METHODS: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_DISPLAYS: Final = (ast.Dict, ast.List, ast.Set, ast.Tuple)
_COMPREHENSIONS: Final = (ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp)
_PASSING: Final = (
    *_DISPLAYS,
    *_COMPREHENSIONS,
    *(ast.Attribute, ast.Await, ast.BoolOp, ast.Lambda, ast.NamedExpr, ast.Starred, ast.Yield, ast.YieldFrom),
)
"""Expressions that hold each of their parts, or pass it on."""


def texts_in(
    nodes: Iterable[ast.AST], follower: Follower, depth: int = 0, *, resolver: Follower | None = None
) -> Iterator[Parts]:
    """Yield the forms of every text that the expressions `nodes` contain or make.

    A literal that data chooses from a table counts as none: what a non-constant index, a method of a display, an
    iteration or a function picks (`random.choice([…])`, `max(…)`). A display that the outermost call takes is handed
    to it whole; one that a call inside takes is a table to choose from, and so is what a comprehension goes through.

    Args:
        nodes: expressions, or nodes that contain some; statements inside them are skipped.
        follower: resolves the names in them.
        depth: how many calls enclose the nodes: 1 for a call's arguments.
        resolver: resolves functions that may pick from what they are passed.
    """
    outermost, stack = depth, [(node, depth) for node in nodes]
    seen: set[int] = set()
    while stack:
        node, depth = stack.pop()
        if isinstance(node, ast.stmt) or id(node) in seen or (depth > 1 and isinstance(node, _DISPLAYS)):
            continue
        seen.add(id(node))
        forms = forms_of(node, follower) if isinstance(node, ast.expr) else ()
        yield from filter(None, forms)
        if depth and isinstance(node, ast.Call) and not isinstance(node.func, (ast.Name, ast.Attribute)):
            # What is called inside is chosen as well: `(max if late else min)("…", "…")`.
            continue
        if isinstance(node, ast.Call) and resolver is not None and is_picking(node, resolver):
            continue
        if isinstance(node, ast.Starred) and isinstance(node.value, ast.Name):
            # Every item of the display is passed on; none is chosen from it.
            stack.extend(
                (value, 0) for value in _whole(node.value, follower) if isinstance(value, (ast.List, ast.Tuple))
            )
        if isinstance(node, ast.Name):
            stack.extend((value, max(depth, 1)) for value in follower.reach(node) if not isinstance(value, _DISPLAYS))
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name() as receiver)) if depth == outermost:
                yield from follower.given(receiver)
        if isinstance(node, ast.Call) and not depth and _takes_whole(node, follower):
            names = [inner for inner in arguments_of(node) if isinstance(inner, ast.Name)]
            stack.extend(
                (value, 1) for name in names for value in _whole(name, follower) if isinstance(value, _DISPLAYS)
            )
        # An exception inside another one, such as a group's member, chooses nothing either.
        handed = _handed(node, follower) if not depth or not _takes_whole(node, follower) else frozenset()
        stack.extend((child, depth + (id(child) in handed)) for child in _children(node, is_told=bool(forms)))


def _whole(name: ast.Name, follower: Follower) -> list[ast.expr]:
    """Return what a name was assigned, unless items were taken from it."""
    return [] if name.id in follower.body.reduced else follower.reach(name)


def _handed(node: ast.AST, follower: Follower) -> frozenset[int]:
    """Return the identities of displays that a call or a loop may choose from."""
    if isinstance(node, ast.comprehension):
        return frozenset({id(node.iter)})
    if isinstance(node, ast.Call) and not _is_carrier(node.func, follower):
        return frozenset(map(id, (*node.args, *node.keywords)))
    return frozenset()


def _takes_whole(node: ast.AST, follower: Follower) -> bool:
    """Return whether a node calls a logger or creates an exception: they choose nothing from what a name holds."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr in LOG_METHODS:
        return True
    found = follower.callable(node.func)
    if found is None and isinstance(node.func, ast.Name):
        found = vars(builtins).get(node.func.id)
    return isinstance(found, type) and issubclass(found, BaseException)


def _is_carrier(func: ast.expr, follower: Follower) -> bool:
    name = (dotted(func) or "").rpartition(".")[2]
    if name not in _CARRIERS:
        return False
    found = follower.callable(func)
    modules = (sys.modules.get(module) for module in _CARRIERS[name])
    return found is not None and any(vars(module).get(name) is found for module in modules if module is not None)


def _children(node: ast.AST, *, is_told: bool) -> Iterable[ast.AST]:  # noqa: C901, PLR0911 - a list of forms
    """Return the parts of a node that it passes on, and calls in others, which may be running.

    A template that data makes picks one of its values.
    """
    match node:
        case ast.Call(func=ast.Attribute(value=template, attr=name), args=given) if name in FILLERS and not is_told:
            # `str.format("{} is late", who)`
            return given[:1] if dotted(template) == "str" else () if dotted(template) else (template,)
        case ast.Call():
            return _call_parts(node)
        case ast.BinOp(left=left, op=ast.Mod()) if not is_told:
            return (left,)
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return ast.iter_child_nodes(node)
        case ast.Subscript(value=value, slice=index):
            return (value, index) if is_constant(index) else _calls_in(index)
        case ast.IfExp(test=test, body=body, orelse=other):
            return (*_calls_in(test), body, other)
        case ast.JoinedStr(values=values):
            # Neither the pieces between the values nor the format specifications are texts of their own.
            return [value.value for value in values if isinstance(value, ast.FormattedValue)]
        case ast.FormattedValue(value=value):
            return (value,)
        case ast.comprehension(iter=source, ifs=tests):
            return (
                *(call for test in tests for call in _calls_in(test)),
                *(() if isinstance(source, _DISPLAYS) else (source,)),
            )
        case ast.expr() if not isinstance(node, _PASSING):
            return _calls_in(node)
        case ast.pattern():
            return ()
    return ast.iter_child_nodes(node)


def _calls_in(node: ast.expr) -> Iterator[ast.Call]:
    if isinstance(node, ast.Call):
        yield node
    elif type(node).__name__ != "TemplateStr":
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _calls_in(child)


def _call_parts(node: ast.Call) -> Iterator[ast.AST]:
    func, name = node.func, name_of_called(node.func)
    if name in CHOOSERS or name in CHANGERS:
        return
    # `getattr` picks from what it is given first, if data names the attribute.
    picks = name == "getattr" and not any(map(is_constant, node.args[1:2]))
    yield from node.args[1:] if picks else node.args
    yield from node.keywords
    if isinstance(func, ast.Attribute) and func.attr in PICKERS:
        return
    # A call of a plain dotted name makes no text, and a method of a display chooses from it.
    if dotted(func) is not None or (isinstance(func, ast.Attribute) and isinstance(func.value, _DISPLAYS)):
        return
    yield func.value if isinstance(func, ast.Attribute) else func
