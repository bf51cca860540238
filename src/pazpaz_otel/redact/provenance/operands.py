"""The values that the source fills a template with, and the holes that they leave."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.forms import labelled
from pazpaz_otel.redact.provenance.resolving import label_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pazpaz_otel.redact.provenance.forms import Hole, Piece


_OPERATORS: Final[dict[str, ast.operator]] = {
    "__add__": ast.Add(),
    "__mod__": ast.Mod(),
    "add": ast.Add(),
    "concat": ast.Add(),
    "mod": ast.Mod(),
}
"""Methods and functions of `operator` that compose as operators do."""


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
