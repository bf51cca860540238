"""What a function's body says of its names, read when it is first asked for and once for all who follow them."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from pazpaz_otel.redact.provenance.bindings import FUNCTIONS, bound_in, own_nodes
from pazpaz_otel.redact.provenance.gathering import Gathered, gathered_in, kept_in
from pazpaz_otel.redact.provenance.resolving import dotted

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from pazpaz_otel.redact.provenance.calls import Function


_TAKING: Final = frozenset({"clear", "pop", "popitem", "remove"})
_MOVING: Final = _TAKING | {"insert", "reverse", "rotate", "sort"}
_READING: Final = frozenset({"all", "any", "enumerate", "iter", "len", "list", "repr", "sorted", "str", "tuple"})


class FunctionBody:
    """The body of a function, or of none.

    Args:
        function: its definition; None for what is at the level of a module or class.
    """

    def __init__(self, function: Function | None) -> None:
        # Not the function itself: whoever remembers a body by its function would keep both for ever.
        self._statements = function.body if function is not None else []
        self._parameters = function.args if function is not None else None

    @cached_property
    def bindings(self) -> Mapping[str, tuple[ast.expr, ...]]:
        """What its names are bound to; an empty tuple if the source doesn't tell."""
        return bound_in(self.nodes, self._parameters)

    @cached_property
    def changed(self) -> frozenset[str]:
        """The names that it sets or deletes."""
        stored = (node for node in self.nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
        return frozenset(name.id for name in stored)

    @cached_property
    def defaults(self) -> frozenset[int]:
        """The ids of its default values, which are compiled outside it."""
        parameters = self._parameters
        values = [] if parameters is None else [*parameters.defaults, *parameters.kw_defaults]
        return frozenset(id(value) for value in values if value is not None)

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """Its nodes in source order; an inner scope counts as one."""
        return list(own_nodes(self._statements))

    @cached_property
    def assigned(self) -> Mapping[str, list[ast.expr]]:
        """What it assigns, adds or appends to names and attributes, by `name` and `.attribute`."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            match node:
                case ast.Assign(targets=targets, value=value):
                    pairs = [pair for target in targets for pair in _unpacked(target, value)]
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.AugAssign(target=target, op=ast.Add(), value=value)
                    | ast.NamedExpr(target=target, value=value)
                ):
                    pairs = [(target, value)]
                case ast.Call(func=ast.Attribute(value=target, attr="append"), args=[value]):
                    pairs = [(target, ast.List([value], ast.Load()))]
                case _:
                    continue
            for target, value in pairs:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(value)
                elif isinstance(target, ast.Attribute):
                    found.setdefault(f".{target.attr}", []).append(value)
        return found

    @cached_property
    def returned(self) -> Sequence[ast.expr | None]:
        """What its `return` statements return."""
        return [node.value for node in self.nodes if isinstance(node, ast.Return)]

    @cached_property
    def definitions(self) -> Mapping[str, Function | ast.ClassDef]:
        """Its inner functions and classes by name, without names that are defined twice."""
        found: dict[str, Function | ast.ClassDef] = {}
        twice: set[str] = set()
        for node in self.nodes:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                if node.name in found:
                    twice.add(node.name)
                found[node.name] = node
        return {name: node for name, node in found.items() if name not in twice}

    @cached_property
    def reordered(self) -> frozenset[str]:
        """The lists whose items it moves, or passes to a function that may: no item has a place of its own."""
        found = set(self._changed(_MOVING))
        for node in self.nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(), attr=method)) if method in _MOVING:
                    pass
                case ast.Call(func=func, args=args) if dotted(func) not in _READING:
                    found.update(arg.id for arg in args if isinstance(arg, ast.Name))
        return frozenset(found)

    @cached_property
    def reduced(self) -> frozenset[str]:
        """The lists and dictionaries that it takes items from: which are left, data may have picked."""
        return frozenset(self._changed(_TAKING))

    def _changed(self, methods: Container[str]) -> Iterator[str]:
        """Yield the names whose methods of these it calls, or whose items it deletes."""
        for node in self.nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in methods:
                    yield name
                case ast.Delete(targets=targets):
                    yield from _cut(targets)

    @cached_property
    def gathered(self) -> Mapping[str, Gathered]:
        """The lists that it fills line by line, by name."""
        return gathered_in(self._statements)

    @cached_property
    def kept(self) -> Mapping[str, list[tuple[ast.expr | None, ast.expr]]]:
        """What it puts into containers, with the keys, by the container's name."""
        return kept_in(self.nodes)

    @cached_property
    def given(self) -> Mapping[str, list[ast.expr]]:
        """What it gives to the methods of objects in statements of their own, by the object's name."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            match node:
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=args, keywords=named)):
                    found.setdefault(name, []).extend([*args, *(item.value for item in named)])
        return found


_BODIES: Final[WeakKeyDictionary[ast.AST, FunctionBody]] = WeakKeyDictionary()
"""The body of each function whose source is remembered."""


def body_of(function: Function | None) -> FunctionBody:
    """Return the body of a function; it is read once for all who follow its names."""
    if function is None:
        return FunctionBody(None)
    found = _BODIES.get(function)
    if found is None:
        found = _BODIES[function] = FunctionBody(function)
    return found


def _cut(targets: Iterable[ast.expr]) -> Iterator[str]:
    for target in targets:
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            yield target.value.id


def _unpacked(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    match target, value:
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            return list(zip(targets, values, strict=True))
    return [(target, value)]
