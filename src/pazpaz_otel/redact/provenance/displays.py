"""Look-ups with a constant key in a dictionary, list or tuple that is written out in the source."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.redact.provenance.arguments import Passed

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
