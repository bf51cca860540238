"""What resolves the names in a scope, and how an expression is named where its value was."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from pazpaz_otel.redact.provenance.forms import Parts

NAMES: Final = frozenset({"__name__", "__qualname__"})
"""The attributes that hold the name of a function or class."""


class Follow(Protocol):
    """Resolve the names of one scope.

    Attributes:
        folds: whether a constant stands in a composition with its text, as in a name: `f"{PREFIX}.visits"`.
    """

    folds: bool

    def __call__(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of what a name, attribute, item or call refers to."""

    def bound(self, name: ast.Name) -> tuple[ast.expr, ...]:
        """Return what a local name is bound to."""

    def is_constant(self, node: ast.Attribute) -> bool:
        """Return whether a dotted name holds a constant text, an enum member, or a name of the source."""

    def is_passed(self, name: ast.Name) -> bool:
        """Return whether a name is a parameter that the call passes a literal text to."""

    def given(self, name: ast.Name) -> tuple[Parts, ...]:
        """Return the forms of the texts that the function gives to an object it makes."""

    def listed(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of the texts that a list or generator holds."""

    def kept(self, name: ast.expr) -> tuple[ast.expr, Follow] | None:
        """Return what a module or class binds a name to once, with what resolves the names in it."""

    def joined(self, receiver: ast.expr, items: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of what `join` makes."""


def dotted(node: ast.AST) -> str | None:
    """Return the text of a plain dotted name (`slot.start`), or None."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def label_of(node: ast.expr) -> str | None:
    """Return a plain dotted name, or that of a value's class (`type(error).__name__`); None for anything else."""
    match node:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="type"), args=[inner], keywords=[]), attr=attribute):
            name = dotted(inner) if attribute in NAMES else None
            return f"type({name}).{attribute}" if name is not None else None
    return dotted(node)
