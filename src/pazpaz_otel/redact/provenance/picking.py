"""What data picks from in a class's methods, by its name.

That is `texts` in `self.texts[code]`, and `self` in `getattr(self, code)`, for all attributes.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.displays import CHOOSERS, PICKERS, is_constant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pazpaz_otel.redact.provenance.calls import Function

OBJECT: Final = "self"
"""The name for all attributes of an object and its class."""
_LOCALS: Final = "locals"
_OBJECTS: Final = frozenset({OBJECT, "cls", "__class__", "__dict__"})


def picked_from(functions: Iterable[Function]) -> set[str]:
    """Return the names of variables and attributes that data picks from, or from what is made of them."""
    nodes = [node for function in functions for node in ast.walk(function)]
    picked = {name for node in nodes for table in _tables(node) for name in _names_in(table)}
    made_of = [
        (names, set(_names_in(value))) for node in nodes for names, value in _assigned(node) if not _tables(value)
    ]
    size = -1
    while size < len(picked):
        size = len(picked)
        for names, values in made_of:
            if names & picked:
                picked |= values | (names if _LOCALS in picked else set())
    return picked


def held_by(function: Function, picked: set[str]) -> Iterator[int]:
    """Yield the identities of the expressions that fill what data picks from."""
    for node in ast.walk(function):
        for names, value in _assigned(node):
            if names & picked:
                yield id(value)
                yield from map(id, _targets(node))
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=filled)) as call):
                pass
            case ast.Expr(value=ast.Call(func=ast.Name(id="setattr"), args=[filled, *_]) as call):
                pass
            case _:
                continue
        if not picked.isdisjoint(_names_in(filled)):
            yield id(call)


def _tables(node: ast.AST) -> Sequence[ast.expr]:
    tables: Sequence[ast.expr] = ()
    match node:
        case ast.Subscript(value=table, slice=key):
            tables = () if is_constant(key) else (table,)
        case ast.Call(func=ast.Name(id="getattr"), args=[table, key, *_]):
            tables = () if is_constant(key) else (table,)
        case ast.Call(func=ast.Attribute(value=table, attr=method), args=given) if method in PICKERS:
            tables = () if given and is_constant(given[0]) else (table,)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=given) if name in CHOOSERS:
            tables = given
        case ast.Call(func=ast.Call(), args=given):
            # `itemgetter(code)(texts)`
            tables = given
        case ast.For(iter=table) | ast.AsyncFor(iter=table) | ast.comprehension(iter=table):
            tables = (table,)
    return tables


def _names_in(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield OBJECT if name in _OBJECTS else name
        case ast.Attribute(attr=name):
            yield OBJECT if name in _OBJECTS else name
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self" | "cls")), args=given):
            for one in given:
                yield from _names_in(one)
        case ast.Call(func=ast.Attribute(value=called), args=given):
            for one in (called, *given):
                yield from _names_in(one)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _names_in(child)


def _targets(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=targets):
            return targets
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target):
            return [target]
    return []


def _assigned(node: ast.AST) -> Iterator[tuple[set[str], ast.expr]]:
    targets, value = _targets(node), getattr(node, "value", None)
    if targets and isinstance(value, ast.expr):
        yield {name for target in targets for name in _filled(target)}, value


def _filled(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield from (name, _LOCALS)
        case ast.Attribute(attr=name):
            yield from (name, OBJECT)
        case ast.Subscript(value=table):
            yield from _names_in(table)
        case _:
            for child in ast.iter_child_nodes(target):
                if isinstance(child, ast.expr):
                    yield from _filled(child)
