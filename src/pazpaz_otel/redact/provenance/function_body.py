"""What a function's body says of its names, read when it is first asked for and once for all who follow them."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from pazpaz_otel.redact.provenance.bindings import FUNCTIONS, own_nodes
from pazpaz_otel.redact.provenance.gathering import Gathered, gathered_in, kept_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pazpaz_otel.redact.provenance.calls import Function


class FunctionBody:
    """The body of a function, or of none.

    Args:
        function: its definition; None for what is at the level of a module or class.
    """

    def __init__(self, function: Function | None) -> None:
        self.function = function

    @cached_property
    def defaults(self) -> frozenset[int]:
        """The ids of its default values, which are compiled outside it."""
        arguments = self.function.args if self.function is not None else None
        values = [] if arguments is None else [*arguments.defaults, *arguments.kw_defaults]
        return frozenset(id(value) for value in values if value is not None)

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """Its nodes in source order; an inner scope counts as one."""
        return list(own_nodes(self.function.body)) if self.function is not None else ()

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
    def gathered(self) -> Mapping[str, Gathered]:
        """The lists that it fills line by line, by name."""
        return gathered_in(self.function)

    @cached_property
    def kept(self) -> Mapping[str, list[tuple[ast.expr | None, ast.expr]]]:
        """What it puts into containers, with the keys, by the container's name."""
        return kept_in(self.function)

    @cached_property
    def given(self) -> Mapping[str, list[ast.expr]]:
        """What it gives to the methods of objects in statements of their own, by the object's name."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            match node:
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=args, keywords=named)):
                    found.setdefault(name, []).extend([*args, *(item.value for item in named)])
        return found
