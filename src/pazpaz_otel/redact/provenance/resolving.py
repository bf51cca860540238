"""How an expression is named where its value was, the parts of a call, and the values that fill a template."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.forms import labelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pazpaz_otel.redact.provenance.forms import Hole, Piece

NAMES: Final = frozenset({"__name__", "__qualname__"})
"""The attributes that hold the name of a function or class."""
_OPERATORS: Final[dict[str, ast.operator]] = {
    "__add__": ast.Add(),
    "__mod__": ast.Mod(),
    "add": ast.Add(),
    "concat": ast.Add(),
    "mod": ast.Mod(),
}
"""Methods and functions of `operator` that compose as operators do."""


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


class Operands:
    """The values of one template.

    Args:
        positional: the expressions of the positional values.
        named: those of the named ones.

    Attributes:
        positional: the holes of the positional values.
        named: the holes of the named ones.
    """

    def __init__(self, positional: Sequence[ast.expr], named: Mapping[str, ast.expr]) -> None:
        self.positional = [labelled(label_of(value)) for value in positional]
        self.named = {name: labelled(label_of(value)) for name, value in named.items()}
        holes, values = (*self.positional, *self.named.values()), (*positional, *named.values())
        # By identity, because holes without a name are equal.
        self._values = {id(hole): value for hole, value in zip(holes, values, strict=True)}

    def value_of(self, part: Piece | Hole) -> ast.expr | None:
        """Return the expression of the value whose hole this is."""
        return self._values.get(id(part))


def items_by_key(node: ast.expr) -> dict[str, ast.expr]:
    """Return the values of a dictionary's display by their literal keys; none for anything else."""
    items = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    return {key.value: value for key, value in items if isinstance(key, ast.Constant) and type(key.value) is str}


def as_operation(node: ast.Call) -> ast.BinOp | None:
    """Return the operation that a call spells out: `operator.add(text, name)`, `text.__mod__(name)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=left, attr=name), args=[right]) if name in _OPERATORS:
            pass
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[left, right]) if name in _OPERATORS:
            pass
        case _:
            return None
    return ast.BinOp(left, _OPERATORS[name], right)
