"""Resolve an expression to the text it refers to: a local variable, a constant, a class attribute, an item.

The name must be bound once in the source, and hold that value in the running program where this can be checked. `calls`
resolves calls, `instances` the arguments of constructed objects and the members of enums.
"""

from __future__ import annotations

import ast
from copy import copy
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance import allowance, calls, instances, listing
from pazpaz_otel.redact.provenance.bindings import Each
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of, forms_of_each
from pazpaz_otel.redact.provenance.displays import item_of, items_of
from pazpaz_otel.redact.provenance.forms import Form, Parts, Piece
from pazpaz_otel.redact.provenance.function_body import body_of
from pazpaz_otel.redact.provenance.installed import file_of, is_installed, may_read
from pazpaz_otel.redact.provenance.lookups import (
    NOTHING,
    Found,
    attribute_of,
    callable_in,
    compiled_in,
    in_module,
    is_compiled,
    item_in,
    member_of,
    name_of,
    printed,
)
from pazpaz_otel.redact.provenance.module_index import module_proven
from pazpaz_otel.redact.provenance.resolving import NAMES
from pazpaz_otel.redact.provenance.samples import is_sample
from pazpaz_otel.redact.provenance.source_index import SourceIndex, index_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from pazpaz_otel.redact.provenance.arguments import Passed
    from pazpaz_otel.redact.provenance.calls import Function

_MAX_DEPTH: Final = 5


class Follower:
    """Resolve expressions in one scope.

    Args:
        module: the dictionary of their module; None to resolve local names only.
        local: what the names of their function or class are bound to.
        depth: how many more steps to take.
        function: the function they are in, if any.
        around: resolves the names of the enclosing functions.

    Attributes:
        folds: whether a constant stands in a composition with its text.
        body: what the function's body says of its names.
    """

    def __init__(
        self,
        module: dict[str, Any] | None,
        local: Mapping[str, tuple[ast.expr, ...]],
        depth: int = _MAX_DEPTH,
        *,
        function: Function | None = None,
        around: Follower | None = None,
    ) -> None:
        self.folds = False
        self._known: Mapping[str, Passed] = {}
        self._module = module
        self._local = local
        self._depth = depth
        self.function = function
        self.body = body_of(function)
        self._around = around

    def __call__(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of the text that `node` refers to, except constants that look like sample data."""
        if self._depth <= 0 or not allowance.take():
            return ()
        found = self._follow(node) or self._own_name(node)
        member = self._member_of(node) if found else None
        return tuple(form for form in found if not is_sample(form, member))

    def _own_name(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the module's `__name__`, as a part of names that constants make."""
        name = self._module.get("__name__") if self._module is not None else None
        is_asked = self.folds and isinstance(node, ast.Name) and node.id == "__name__"
        return ((Piece(name, name, checked=True),),) if is_asked and type(name) is str and module_proven(name) else ()

    def _follow(self, node: ast.expr) -> tuple[Parts, ...]:
        if isinstance(node, ast.Name) and self._is_local(node.id):
            return self._of_local_name(node)
        item = item_of(node, self._known)
        if isinstance(node, ast.Subscript) or item is not None:
            return self._item(*item) if item is not None else self._constant(instances.named_item(node, self))
        if isinstance(node, ast.Call):
            return calls.called(node, self) or self._constant(instances.named_item(node, self))
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if self._module is None or not isinstance(node, ast.Name):
            return ()
        return self._constant(self.look_up(node)) or instances.exception_forms(node, self)

    def _attribute(self, node: ast.Attribute) -> tuple[Parts, ...]:
        if self._module is None:
            return ()
        if node.attr in NAMES:
            return name_of(self.callable(node.value), node.attr)
        return (
            self._constant(self.look_up(node))
            or instances.of_local_class(node, self.body.definitions, self)
            or (*instances.told_by_member(node, self), *calls.exact_property(node, self))
            or instances.exception_forms(node, self)
            or instances.attribute_forms(node, self)
            or calls.read_property(node, self)
        )

    def callable(self, node: ast.expr) -> Any:
        """Return the function or class that a dotted name refers to, or None, without executing anything."""
        if isinstance(node, ast.Name):
            return self._module.get(node.id) if self._module is not None and not self._is_local(node.id) else None
        if isinstance(node, ast.Attribute):
            return callable_in(self.look_up(node.value), node.attr)
        return None

    def definition(self, name: str) -> Follower | None:
        """Return a resolver for the expressions of the function that this scope defines under a name."""
        inner = self.body.definitions.get(name)
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and self._depth > 0:
            return follower_of(self._module, inner, self._depth - 1, around=self)
        if name not in self._local and self._around is not None and self._depth > 0:
            return self._around.deeper().definition(name)
        return None

    def bound(self, name: ast.Name) -> tuple[ast.expr, ...]:
        """Return what a local name is bound to, or nothing for a name of the module."""
        return self._local.get(name.id, ()) if self._depth > 0 else ()

    def is_constant(self, node: ast.Attribute) -> bool:
        """Return whether a dotted name holds a constant text, an enum member, or a name of the source."""
        return node.attr in NAMES or is_a(self.look_up(node).value, (str, Enum))

    def is_passed(self, name: ast.Name) -> bool:
        """Return whether a name is a parameter that the call passes a literal text to."""
        return name.id in self._known and type(self._known[name.id].found.value) is str

    def passed(self, name: ast.Name) -> tuple[ast.expr, Follower] | None:
        """Return what the call passes to a parameter, with what resolves the names in it."""
        return self._known[name.id].value if name.id in self._known and self._depth > 0 else None

    def kept(self, name: ast.expr) -> tuple[ast.expr, Follower] | None:
        """Return what a module or class binds a name to, with what resolves the names in it."""
        found = self.look_up(name)
        return (found.bound[0], self.of_scope(found)) if self._depth > 0 and is_compiled(found) else None

    def joined(self, receiver: ast.expr, items: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of what `join` makes."""
        return listing.joined(receiver, items, self)

    def listed(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of the texts that a list or generator holds, if one item after the other is composed."""
        return listing.listed(node, self.deeper()) if self._depth > 0 else ()

    def given(self, name: ast.Name) -> tuple[Parts, ...]:
        """Return the sentences that the function gives to an object it makes: `problems.add(f"{field} is empty")`."""
        return listing.sentences(self.body.given.get(name.id, ()), self) if listing.is_made(self.bound(name)) else ()

    def index(self) -> SourceIndex | None:
        """Return the index of the module that the expressions are in."""
        name = self._module.get("__name__") if self._module is not None else None
        return index_of(name) if type(name) is str and self._depth > 0 else None

    def is_own(self) -> bool:
        """Return whether the expressions are in a module of the application."""
        return self._module is not None and not is_installed(str(file_of(self._module)))

    def readable(self, module: str) -> SourceIndex | None:
        """Return the index of a module of the application's own, or of this one's package; None for others."""
        own = str(self._module.get("__name__")) if self._module is not None else ""
        return index_of(module) if may_read(module, own) else None

    def of_module(self, index: SourceIndex) -> Follower:
        """Return a resolver for expressions at module level."""
        return Follower(index.module, {}, self._depth - 1)

    def of_scope(self, found: Found) -> Follower:
        """Return a resolver for the expressions that something found is bound to."""
        module = found.source.module if found.source is not None else None
        return Follower(module, found.scope, self._depth - 1)

    def of_function(self, index: SourceIndex, node: Function, known: Mapping[str, Passed]) -> Follower:
        """Return a resolver for expressions of a function, some of whose parameters are known."""
        inner = follower_of(index.module, node, self._depth - 1)
        inner._known = known  # noqa: SLF001
        return inner

    def deeper(self) -> Follower:
        """Return a resolver with one step less to take."""
        other = copy(self)
        other._depth -= 1  # noqa: SLF001
        return other

    def reach(self, name: ast.Name) -> list[ast.expr]:
        """Return what a local name was assigned, if that isn't itself a text."""
        kept = ast.List([value for _, value in self.body.kept.get(name.id, ())], ast.Load())
        return [value for value in (*self.bound(name), kept) if not forms_of(value, self.deeper())]

    def look_up(self, node: ast.expr) -> Found:
        """Find a dotted name's value among modules, classes and enums, without executing anything."""
        if self._module is None:
            return NOTHING
        if isinstance(node, ast.Name):
            if node.id in self._known:
                return self._known[node.id].found
            return NOTHING if self._is_local(node.id) else in_module(self._module, node.id)
        if isinstance(node, ast.Attribute):
            return member_of(self.look_up(node.value), node.attr)
        item = item_of(node)
        return item_in(self.look_up(item[0]), item[1]) if item is not None else NOTHING

    def _is_local(self, name: str) -> bool:
        return name in self._local or (self._around is not None and self._around._is_local(name))  # noqa: SLF001

    def _of_local_name(self, name: ast.Name) -> tuple[Parts, ...]:
        if name.id in self._known:
            return self._known[name.id].forms
        return self._forms(self._local[name.id]) if name.id in self._local else self._from_around(name)

    def _from_around(self, name: ast.Name) -> tuple[Parts, ...]:
        """Return the forms of a name in the enclosing function, whose code isn't the running one."""
        return compiled_in(self._around.deeper()(name), self.index()) if self._around is not None else ()

    def _member_of(self, node: ast.expr) -> str | None:
        """Return the identifier of the enum member that `node`, or the part before its `.value`, refers to."""
        value = self.look_up(node.value if isinstance(node, ast.Attribute) and node.attr == "value" else node).value
        return value._name_ if is_a(value, Enum) else None

    def _forms(self, bound: tuple[ast.expr, ...]) -> tuple[Parts, ...]:
        found: list[Parts] = []
        for expression in bound:
            forms = forms_of(expression, self.deeper())
            found += compiled_in(forms, self.index()) if id(expression) in self.body.defaults else forms
        return tuple(found)

    def _item(self, container: ast.expr, key: object) -> tuple[Parts, ...]:
        if isinstance(container, ast.Name) and container.id in self._local:
            if type(key) is int and container.id in self.body.reordered:
                return ()
            kept = listing.kept_under(container, key, self)
            bound = self._local[container.id]
            inner = self.deeper()
            return kept or (inner._item(bound[0], key) if len(bound) == 1 and inner._depth > 0 else ())  # noqa: SLF001
        if items := items_of(container, key):
            return self._forms(tuple(items))
        if isinstance(container, (Each, ast.Call)):
            return listing.item_returned(container, key, self)
        found = self._constant(item_in(self.look_up(container), key)) or instances.declared(container, key, self)
        return found or (self.listed(container) if isinstance(container, ast.Attribute) else ())

    def _constant(self, found: Found) -> tuple[Parts, ...]:
        value = found.value
        shown: tuple[Parts, ...] = ()
        if is_a(value, Enum):
            shown, value = printed(found, value), value._value_
        if type(value) is not str:
            return shown
        inner = self.of_scope(found)
        forms = [*forms_of_each(found.bound, inner)]
        # Or an argument of a call: `GREETING = gettext("…")`.
        forms += [form for expression in found.bound for form in calls.handed(expression, inner)]
        # Whether bound once or not: a value that another module sets there isn't a constant.
        return shown + tuple(form for form in compiled_in(forms, found.source) if Form(form).matches(value))


def class_attribute(cls: type, name: str) -> tuple[Parts, ...]:
    """Return the forms of the text that the source binds a class attribute to."""
    return Follower({}, {})._constant(attribute_of(cls, name))  # noqa: SLF001


def follower_of(
    module: dict[str, Any] | None,
    function: ast.FunctionDef | ast.AsyncFunctionDef | None,
    depth: int = _MAX_DEPTH,
    *,
    around: Follower | None = None,
    without: Container[str] = (),
) -> Follower:
    """Return a resolver for the expressions of a function, or of a module if there is none.

    It says nothing of the variables in `without`.
    """
    bound = body_of(function).bindings
    bound = {name: () if name in without else values for name, values in bound.items()} if without else bound
    return Follower(module, bound, depth, function=function, around=around)
