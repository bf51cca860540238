"""How an expression is named where its value was, and the parts of a call."""

from __future__ import annotations

import ast
from typing import Final

NAMES: Final = frozenset({"__name__", "__qualname__"})
"""The attributes that hold the name of a function or class."""


def dotted(node: ast.AST) -> str | None:
    """Return the text of a plain dotted name (`slot.start`), or None."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def name_of_called(func: ast.expr) -> str:
    """Return the last name of what is called, `format` of `text.format`; an empty text if it has none."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def arguments_of(call: ast.Call) -> list[ast.expr]:
    """Return all that a call passes, by position and by name."""
    return [*call.args, *(item.value for item in call.keywords)]


def label_of(node: ast.expr) -> str | None:
    """Return a plain dotted name, or that of a value's class (`type(error).__name__`); None for anything else."""
    match node:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="type"), args=[inner], keywords=[]), attr=attribute):
            name = dotted(inner) if attribute in NAMES else None
            return f"type({name}).{attribute}" if name is not None else None
    return dotted(node)
