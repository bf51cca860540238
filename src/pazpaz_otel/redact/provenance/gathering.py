r"""Lists of texts that a function fills line by line: `lines = []`, `lines.append("…")`, `"\n".join(lines)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.redact.provenance.bindings import own_nodes
from pazpaz_otel.redact.provenance.resolving import dotted, name_of_called

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MAX_VARIANTS: Final = 8


class Gathered(NamedTuple):
    """What a list may hold.

    Attributes:
        variants: its first items in order, for each way conditions may have gone.
        is_open: whether more items may follow, from a loop.
    """

    variants: list[list[ast.expr]]
    is_open: bool = False


def gathered_in(body: Iterable[ast.stmt]) -> Mapping[str, Gathered]:
    """Return the lists that statements start with a display and append to, by name."""
    found: dict[str, Gathered] = {}
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=items)) if name not in found:
                found[name] = Gathered([list(items)])
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=items)) if name not in found:
                found[name] = Gathered([list(items)])
            case _:
                for name in _used(statement) & found.keys():
                    found[name] = _after(statement, name, found[name])
    return found


def kept_in(nodes: Iterable[ast.AST]) -> Mapping[str, list[tuple[ast.expr | None, ast.expr]]]:
    """Return what nodes put into containers, with the keys, by the container's dotted name.

    `problems[name] = "…"`, `problems[name].append("…")`, `problems.setdefault(name, []).append("…")`.
    """
    found: dict[str, list[tuple[ast.expr | None, ast.expr]]] = {}
    for node in nodes:
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


def _after(statement: ast.stmt, name: str, before: Gathered) -> Gathered:
    """Return what the list may hold after a statement that mentions it."""
    added = None if before.is_open else _added([statement], name)
    if added is None or len(added) * len(before.variants) > _MAX_VARIANTS:
        first = [] if before.is_open else list(_first_of(statement, name))
        repeated = [[*items, item] for items in before.variants for item in first][:_MAX_VARIANTS]
        return Gathered([*before.variants, *repeated], is_open=True)
    return Gathered([[*items, *more] for items in before.variants for more in added])


def _first_of(statement: ast.stmt, name: str) -> Iterator[ast.expr]:
    """Yield the items that a loop may append first."""
    for node in own_nodes([statement]) if isinstance(statement, (ast.For, ast.AsyncFor, ast.While)) else ():
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="append"), args=[item]) if owner == name:
                yield item


def _added(body: list[ast.stmt], name: str) -> list[list[ast.expr]] | None:
    """Return what statements may add to the list, or None if they do anything else with it."""
    ways: list[list[ast.expr]] = [[]]
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="append"), args=[item])) if (
                owner == name
            ):
                more: list[list[ast.expr]] | None = [[item]]
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="extend"), args=[ast.List(elts=items)])
            ) if owner == name:
                more = [items]
            case ast.If(test=test, body=first, orelse=other) if name not in _used(ast.If(test, [], [])):
                arms = _added(first, name), _added(other, name)
                more = None if arms[0] is None or arms[1] is None else [*arms[0], *arms[1]]
                more = [[]] if more == [[], []] else more
            case _:
                more = None if name in _used(statement) else [[]]
        if more is None or len(ways) * len(more) > _MAX_VARIANTS:
            return None
        ways = [[*way, *items] for way in ways for items in more]
    return ways


def _used(statement: ast.stmt) -> set[str]:
    """Return the names that a statement uses, except those it only joins, counts, tests or ends with."""
    nodes = list(own_nodes([statement]))
    read = {id(node.args[0]) for node in nodes if isinstance(node, ast.Call) and _is_join(node)}
    read |= {id(_operand(node.test)) for node in nodes if isinstance(node, ast.If)}
    ends = (node for node in nodes if isinstance(node, (ast.Raise, ast.Return)))
    read |= {id(inner) for node in ends for inner in own_nodes([node])}
    return {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in read}


def _operand(test: ast.expr) -> ast.expr:
    return test.operand if isinstance(test, ast.UnaryOp) else test


def _is_join(call: ast.Call) -> bool:
    return name_of_called(call.func) in {"join", "len"} and len(call.args) == 1
