"""Keys and values that are handed on as fields: `log.info(event, reason="late")`, `extra=base | {"reason": "late"}`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.redact.provenance.following import Follower

_MAX_DEPTH: Final = 4

Keyed = tuple[str, ast.expr, "Follower"]
"""A literal key, its value, and what resolves the names in the value."""


def keyed(nodes: Iterable[ast.AST], follower: Follower) -> Iterator[Keyed]:
    """Yield what calls and dictionaries in a statement write out, or take from mappings that names hold."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            continue
        if isinstance(node, ast.Call):
            yield from _arguments(node, follower, _MAX_DEPTH)
            handed = (item.value for item in node.keywords if item.arg == "extra")
            yield from (found for value in handed for found in _items(value, follower, _MAX_DEPTH))
        elif isinstance(node, ast.Dict):
            yield from _items(node, follower, _MAX_DEPTH)
        stack.extend(ast.iter_child_nodes(node))


def _arguments(call: ast.Call, follower: Follower, depth: int) -> Iterator[Keyed]:
    for item in call.keywords:
        if item.arg is None:
            yield from _items(item.value, follower, depth)
        else:
            yield item.arg, item.value, follower


def _items(mapping: ast.expr, follower: Follower, depth: int) -> Iterator[Keyed]:
    """Yield the items of a mapping, as far as the source writes them out."""
    parts: list[ast.expr] = []
    match mapping:
        case ast.Dict(keys=keys, values=values):
            yield from _literally(zip(keys, values, strict=True), follower)
            parts = [value for key, value in zip(keys, values, strict=True) if key is None]
        case ast.Call(func=ast.Name(id="dict"), args=parts) if depth:
            yield from _arguments(mapping, follower, depth - 1)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            parts = [left, right]
        case ast.Name(id=name):
            yield from _literally(follower.body.kept.get(name, ()), follower)
            parts = list(follower.bound(mapping))
    kept = follower.kept(mapping) if isinstance(mapping, (ast.Name, ast.Attribute)) and not parts else None
    held = [kept] if kept is not None else [(part, follower) for part in parts]
    for part, inner in held if depth else ():
        yield from _items(part, inner, depth - 1)


def _literally(items: Iterable[tuple[ast.expr | None, ast.expr]], follower: Follower) -> Iterator[Keyed]:
    for key, value in items:
        if isinstance(key, ast.Constant) and type(key.value) is str:
            yield key.value, value, follower
