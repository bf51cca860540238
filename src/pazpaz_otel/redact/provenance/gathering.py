r"""Lists of texts that a function fills line by line: `lines = []`, `lines.append("…")`, `"\n".join(lines)`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from pazpaz_otel.redact.provenance.bindings import own_nodes

if TYPE_CHECKING:
    from collections.abc import Mapping


class Gathered(NamedTuple):
    """What a list holds.

    Attributes:
        items: its first items, in order.
        is_open: whether more may follow: what a loop adds, or a condition.
    """

    items: list[ast.expr]
    is_open: bool


def gathered_in(function: ast.AST | None) -> Mapping[str, Gathered]:
    """Return the lists that a function starts with a display and adds to, by their names."""
    body = getattr(function, "body", [])
    found: dict[str, Gathered] = {}
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=items)) if name not in found:
                found[name] = Gathered(list(items), is_open=False)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=items)) if name not in found:
                found[name] = Gathered(list(items), is_open=False)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[item])):
                if name in found and not found[name].is_open:
                    found[name].items.append(item)
            case _:
                for name in _used(statement) & found.keys():
                    found[name] = found[name]._replace(is_open=True)
    return found


def _used(statement: ast.stmt) -> set[str]:
    return {node.id for node in own_nodes([statement]) if isinstance(node, ast.Name)}
