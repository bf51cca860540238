"""The names of one scope: what they are bound to in the source, and hold in the running program."""

from __future__ import annotations

import ast
import sys
from copy import copy
from enum import Enum
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Self

from pazpaz_otel.redact.provenance.bindings import bindings_of
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.displays import item_of
from pazpaz_otel.redact.provenance.function_body import FunctionBody
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.lookups import NOTHING, Found, in_module, is_compiled, item_in, member_of
from pazpaz_otel.redact.provenance.resolving import NAMES
from pazpaz_otel.redact.provenance.source_index import SourceIndex, index_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.redact.provenance.arguments import Passed
    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.gathering import Gathered

MAX_DEPTH: Final = 5


class Scope:
    """The names of a function, class or module.

    Args:
        module: the dictionary of the module; None to resolve local names only.
        local: what the names of the function or class are bound to.
        depth: how many more steps to take.
        function: the function, if it is one.
        around: the scope of the enclosing function.

    Attributes:
        body: what the function's body says of its names.
    """

    def __init__(
        self,
        module: dict[str, Any] | None,
        local: Mapping[str, tuple[ast.expr, ...]],
        depth: int = MAX_DEPTH,
        *,
        function: Function | None = None,
        around: Self | None = None,
    ) -> None:
        self._known: Mapping[str, Passed] = {}
        self._module = module
        self._local = local
        self._depth = depth
        self.body = FunctionBody(function)
        self._around = around

    def callable(self, node: ast.expr) -> Any:
        """Return the function or class that a dotted name refers to, or None, without executing anything."""
        if isinstance(node, ast.Name):
            return self._module.get(node.id) if self._module is not None and not self._is_local(node.id) else None
        if isinstance(node, ast.Attribute):
            owner = self.look_up(node.value).value
            if is_a(owner, ModuleType):
                return owner.__dict__.get(node.attr)
            cls = owner if is_a(owner, type) else type(owner)
            holders: tuple[type, ...] = () if owner is NOTHING.value else cls.__mro__
            member = next((base.__dict__[node.attr] for base in holders if node.attr in base.__dict__), None)
            return member.__func__ if is_a(member, staticmethod) or is_a(member, classmethod) else member
        return None

    def definition(self, name: str) -> tuple[Function, Self] | None:
        """Return the function that this scope defines under a name, with a resolver for its expressions."""
        inner = self.body.definitions.get(name)
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and self._depth > 0:
            return inner, self._inside(self._module, inner, around=self)
        if name not in self._local and self._around is not None and self._depth > 0:
            return self._around.deeper().definition(name)
        return None

    def bound(self, name: ast.Name) -> tuple[ast.expr, ...]:
        """Return what a local name is bound to, or nothing for a name of the module."""
        return self._local.get(name.id, ()) if self._depth > 0 else ()

    def is_constant(self, node: ast.expr) -> bool:
        """Return whether a name holds a constant text, an enum member or its property, or a name of the source."""
        return self.is_member(node) or is_a(self.look_up(node).value, str)

    def is_member(self, node: ast.expr) -> bool:
        """Return whether a name holds an enum member, one's property, or a name of the source."""
        if isinstance(node, ast.Attribute) and (node.attr in NAMES or is_a(self.look_up(node.value).value, Enum)):
            return True
        return is_a(self.look_up(node).value, Enum)

    def is_passed(self, name: ast.Name) -> bool:
        """Return whether a name is a parameter that the call passes a literal text to."""
        return name.id in self._known and type(self._known[name.id].found.value) is str

    def kept(self, name: ast.expr) -> tuple[ast.expr, Self] | None:
        """Return what a module or class binds a name to, with what resolves the names in it."""
        found = self.look_up(name)
        return (found.bound[0], self.of_scope(found)) if self._depth > 0 and is_compiled(found) else None

    def gathered(self, name: ast.Name) -> Gathered | None:
        """Return what the list of this name holds, if the function fills it."""
        return self.body.gathered.get(name.id)

    def index(self) -> SourceIndex | None:
        """Return the index of the module that the expressions are in."""
        name = self._module.get("__name__") if self._module is not None else None
        return index_of(name) if type(name) is str and self._depth > 0 else None

    def is_own(self) -> bool:
        """Return whether the expressions are in a module of the application."""
        return self._module is not None and not is_installed(str(self._module.get("__file__")))

    def may_read(self, module: str) -> bool:
        """Return whether to read a module: the application's own, and those of this one's package."""
        own = str(self._module.get("__name__")) if self._module is not None else ""
        if own.partition(".")[0] == module.partition(".")[0]:
            return True
        file = getattr(sys.modules.get(module), "__file__", None)
        return type(file) is str and not is_installed(file)

    def of_module(self, index: SourceIndex) -> Self:
        """Return a resolver for expressions at module level."""
        return type(self)(index.module, {}, self._depth - 1)

    def of_scope(self, found: Found) -> Self:
        """Return a resolver for the expressions that something found is bound to."""
        module = found.source.module if found.source is not None else None
        return type(self)(module, found.scope, self._depth - 1)

    def of_function(self, index: SourceIndex, node: Function, known: Mapping[str, Passed]) -> Self:
        """Return a resolver for expressions of a function, some of whose parameters are known."""
        inner = self._inside(index.module, node)
        inner._known = known  # noqa: SLF001
        return inner

    def deeper(self) -> Self:
        """Return a resolver with one step less to take."""
        other = copy(self)
        other._depth -= 1  # noqa: SLF001
        return other

    def look_up(self, node: ast.expr) -> Found:
        """Find a dotted name's value among modules, classes and enums, without executing anything."""
        if self._module is None:
            return NOTHING
        if isinstance(node, ast.Name):
            if node.id in self._known:
                return self._known[node.id].found
            return self._bound_once(node) if self._is_local(node.id) else in_module(self._module, node.id)
        if isinstance(node, ast.Attribute):
            return member_of(self.look_up(node.value), node.attr)
        item = item_of(node)
        return item_in(self.look_up(item[0]), item[1]) if item is not None else NOTHING

    def _bound_once(self, name: ast.Name) -> Found:
        """Find the value of a local name that holds a literal, or what another constant name refers to."""
        values = self.bound(name)
        value = values[0] if len(values) == 1 and id(values[0]) not in self.body.defaults else None
        if isinstance(value, ast.Constant):
            return Found(value.value, None, (value,), {})
        return self.deeper().look_up(value) if isinstance(value, (ast.Name, ast.Attribute)) else NOTHING

    def _inside(self, module: dict[str, Any] | None, function: Function, around: Self | None = None) -> Self:
        return type(self)(module, bindings_of(function), self._depth - 1, function=function, around=around)

    def _is_local(self, name: str) -> bool:
        return name in self._local or (self._around is not None and self._around._is_local(name))  # noqa: SLF001
