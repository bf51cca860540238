"""What the source writes out in dictionaries, lists and tuples: look-ups with a constant key, and fields of log calls.

`MESSAGES["late"]`; `log.info(event, reason="late")`, `extra=base | {"reason": "late"}`.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pazpaz_otel.redact.provenance.arguments import Passed
    from pazpaz_otel.redact.provenance.following import Follower


CHOOSERS: Final = frozenset({"choice", "choices", "getitem", "max", "min", "next", "sample", "sorted"})
"""Functions that return an item of their argument."""
PICKERS: Final = frozenset({"get", "pop", "popitem", "setdefault", "__getattribute__", "__getitem__"})
"""Methods that return an item of their object."""
FILLERS: Final = frozenset({"format", "format_map", "safe_substitute", "substitute", "vformat"})
"""Methods of a template that fill in their arguments, and return one of them if data makes the template."""
CHANGERS: Final = (frozenset(dir(str)) - FILLERS - {"join"}) | {"sub", "subn"}
"""Methods of texts, and of regular expressions, which return no argument of theirs as it is."""
GETTERS: Final = frozenset({"attrgetter", "itemgetter"})
"""Functions that make a function which returns an item of its argument."""
_MAX_DEPTH: Final = 4
Keyed = tuple[str, ast.expr, "Follower"]
"""A literal key, its value, and what resolves the names in the value."""


def is_constant(key: ast.expr) -> bool:
    """Return whether a key or index is written out, such as `"late"` or `-1`."""
    return isinstance(key.operand if isinstance(key, ast.UnaryOp) else key, ast.Constant)


def looked_up(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """Return the container and the key of a look-up, `MESSAGES[key]` or `MESSAGES.get(key)`; None for anything else."""
    match node:
        case ast.Subscript(value=container, slice=key):
            return container, key
        case ast.Call(func=ast.Attribute(value=container, attr="get"), args=[key, *_]):
            return container, key
    return None


def item_of(node: ast.expr, known: Mapping[str, Passed] = MappingProxyType({})) -> tuple[ast.expr, object] | None:
    """Return the container and the key of a look-up with a constant: `MESSAGES["closed"]`, `MESSAGES.get("closed")`.

    Args:
        node: the look-up.
        known: parameters, which a call may have passed a constant to.
    """
    parts = looked_up(node)
    if parts is None:
        return None
    container, key = parts
    if isinstance(key, ast.Constant):
        return container, key.value
    value = known[key.id].found.value if isinstance(key, ast.Name) and key.id in known else None
    return (container, value) if type(value) in {str, int} else None


def items_of(container: ast.expr, key: object) -> list[ast.expr]:
    """Return the expressions under a constant key of a display."""
    match container:
        case ast.Call(func=ast.Name(id="MappingProxyType" | "dict"), args=[ast.Dict() as inner], keywords=[]):
            container = inner
        case ast.Call(func=ast.Attribute(attr="MappingProxyType"), args=[ast.Dict() as inner], keywords=[]):
            container = inner
    if isinstance(container, ast.Dict):
        return [
            value
            for name, value in zip(container.keys, container.values, strict=True)
            if isinstance(name, ast.Constant) and type(name.value) is type(key) and name.value == key
        ]
    if isinstance(container, (ast.List, ast.Tuple)) and type(key) is int and -1 <= key < len(container.elts):
        return [container.elts[key]]
    return []


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
