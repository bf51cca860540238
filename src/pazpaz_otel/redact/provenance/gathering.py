r"""Lists of texts that a function fills line by line: `lines = []`, `lines.append("…")`, `"\n".join(lines)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.redact.provenance.nodes import own_nodes
from pazpaz_otel.redact.provenance.resolving import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_VARIANTS: Final = 8


class Gathered(NamedTuple):
    """What a list may hold.

    Attributes:
        variants: its first items in order, for each way conditions may have gone.
        is_open: whether more items may follow, from a loop.
    """

    variants: list[list[ast.expr]]
    is_open: bool = False


def gathered_in(function: ast.AST | None) -> Mapping[str, Gathered]:
    """Return the lists that a function starts with a display and appends to, by name."""
    found: dict[str, Gathered] = {}
    for statement in getattr(function, "body", []):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=items)) if name not in found:
                found[name] = Gathered([list(items)])
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=items)) if name not in found:
                found[name] = Gathered([list(items)])
            case _:
                for name in _used(statement) & found.keys():
                    found[name] = _after(statement, name, found[name])
    return found


def yielded_in(function: ast.AST) -> Gathered:
    """Return what a generator yields."""
    found = Gathered([[]])
    for statement in getattr(function, "body", []):
        found = _after(statement, None, found)
    return found


def kept_in(function: ast.AST | None) -> Mapping[str, list[tuple[ast.expr | None, ast.expr]]]:
    """Return what a function puts into containers, with the keys, by the container's dotted name.

    `problems[name] = "…"`, `problems[name].append("…")`, `problems.setdefault(name, []).append("…")`.
    """
    found: dict[str, list[tuple[ast.expr | None, ast.expr]]] = {}
    for node in own_nodes(getattr(function, "body", [])):
        key: ast.expr | None = None
        match node:
            case ast.Assign(targets=[ast.Subscript(value=owner, slice=key)], value=value):
                pass
            case ast.Call(func=ast.Attribute(value=owner, attr="append" | "add" | "extend"), args=[value]):
                pass
            case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[key, value]):
                pass
            case _:
                continue
        match owner:
            case ast.Subscript(value=owner, slice=key):
                pass
            case ast.Call(func=ast.Attribute(value=owner, attr="setdefault"), args=[key, *_]):
                pass
        name = dotted(owner)
        if name is not None:
            found.setdefault(name, []).extend((key, item) for item in getattr(value, "elts", [value]))
    return found


def _after(statement: ast.stmt, name: str | None, before: Gathered) -> Gathered:
    """Return what the list may hold after a statement; without a name, what a generator has yielded by then."""
    added = _added([statement], name) if not before.is_open else None if _is_used(statement, name) else [[]]
    if added is None or len(added) * len(before.variants) > _MAX_VARIANTS:
        first = [] if before.is_open else list(_first_of(statement, name))
        repeated = [[*items, item] for items in before.variants for item in first][:_MAX_VARIANTS]
        return Gathered([*before.variants, *repeated], is_open=True)
    return before._replace(variants=[[*items, *more] for items in before.variants for more in added])


def _first_of(statement: ast.stmt, name: str | None) -> Iterator[ast.expr]:
    """Yield the items that a loop may add first."""
    for node in own_nodes([statement]) if isinstance(statement, (ast.For, ast.AsyncFor, ast.While)) else ():
        yield from _items(node, name)[:1] if isinstance(node, ast.expr) else ()


def _items(node: ast.expr, name: str | None) -> list[ast.expr]:
    """Return the items that an expression adds to the list, or yields."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="append"), args=[item]) if owner == name:
            return [item]
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="extend"), args=[ast.List(elts=items)]) if (
            owner == name
        ):
            return items
        case ast.Yield(value=ast.expr() as item) if name is None:
            return [item]
    return []


def _added(body: list[ast.stmt], name: str | None) -> list[list[ast.expr]] | None:
    """Return what statements may add to the list, or None if they do anything else with it."""
    ways: list[list[ast.expr]] = [[]]
    for statement in body:
        match statement:
            case ast.Expr(value=value) if items := _items(value, name):
                more: list[list[ast.expr]] | None = [items]
            case ast.If(test=test, body=first, orelse=other) if not _is_used(ast.If(test, [], []), name):
                arms = _added(first, name), _added(other, name)
                more = None if arms[0] is None or arms[1] is None else [*arms[0], *arms[1]]
            case _:
                more = None if _is_used(statement, name) else [[]]
        if more is None or len(ways) * len(more) > _MAX_VARIANTS:
            return None
        ways = [[*way, *items] for way in ways for items in more]
    return ways


def _is_used(statement: ast.stmt, name: str | None) -> bool:
    """Return whether a statement yields, or may change the list of this name."""
    if name is not None:
        return name in _used(statement)
    return any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.Return)) for node in own_nodes([statement]))


def _used(statement: ast.stmt) -> set[str]:
    """Return the names that a statement uses, except those it only joins, counts, tests or goes through."""
    nodes = list(own_nodes([statement]))
    read = {id(node.args[0]) for node in nodes if isinstance(node, ast.Call) and _is_join(node)}
    for node in nodes:
        match node:
            case ast.If(test=name) | ast.UnaryOp(op=ast.Not(), operand=name) | ast.For(iter=name):
                read.add(id(name))
    return {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in read}


def _is_join(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    return name in {"join", "len"} and len(call.args) == 1
