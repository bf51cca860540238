"""Nodes of the syntax tree: those of one scope, and those that stand for what one of several assignments binds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_CONDITIONS: Final = (
    *SCOPES,
    *(ast.If, ast.IfExp, ast.BoolOp, ast.Match, ast.For, ast.AsyncFor, ast.While, ast.comprehension, ast.Compare),
    *(ast.Try, ast.TryStar, ast.Assert, ast.Raise, ast.Break, ast.Continue, ast.Return, ast.Yield, ast.YieldFrom),
)


class Choice(ast.expr):
    """What one of several assignments binds; it makes a text only if all of them do."""

    _fields = ()

    def __init__(self, values: tuple[ast.expr, ...]) -> None:
        super().__init__()
        self.values = values


class Each(ast.expr):
    """What a loop binds, one item after the other.

    Attributes:
        items: what the loop goes through.
        is_whole: whether the loop does the same with every item, as if it were written out: nothing in it depends on
            a condition or ends it.
    """

    _fields = ()

    def __init__(self, items: ast.expr, *, is_whole: bool = False) -> None:
        super().__init__()
        self.items = items
        self.is_whole = is_whole


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield every node in source order; an inner scope counts as one node."""
    stack = list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, SCOPES):
            stack.extend(list(ast.iter_child_nodes(node))[::-1])


def is_whole(bound: tuple[ast.expr, ...]) -> bool:
    """Return whether a name is bound to each item of a loop, or a part of it, that does the same with all."""
    match bound:
        case (ast.Subscript(value=Each() as each),) | (Each() as each,):
            return each.is_whole
        case (Choice(values=values),):
            return all(is_whole((value,)) for value in values)
    return False


def does_the_same(loop: ast.For | ast.AsyncFor) -> bool:
    """Return whether a loop does the same with every item: only calls, and contexts that don't use it inside."""
    targets = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    for node in own_nodes(loop.body):
        if isinstance(node, _CONDITIONS):
            return False
        if isinstance(node, (ast.With, ast.AsyncWith)):
            # A context may suppress an exception, and so end what is inside.
            names = (inner.id for each in node.body for inner in ast.walk(each) if isinstance(inner, ast.Name))
            if not targets.isdisjoint(names):
                return False
    return True
