"""Resolve an expression to the text it refers to: a local variable, a constant, a class attribute, an item.

The name must be bound once in the source, and hold that value in the running program where this can be checked. `calls`
resolves calls, `instances` the arguments of constructed objects, `members` the members of enums.
"""

from __future__ import annotations

import ast
from enum import Enum
from typing import Any

from pazpaz_otel.redact.provenance import allowance, calls, instances, joining, listing, members
from pazpaz_otel.redact.provenance.bindings import bindings_of
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.displays import item_of, items_of
from pazpaz_otel.redact.provenance.forms import Form, Parts, compiled_into
from pazpaz_otel.redact.provenance.lookups import (
    Found,
    attribute_of,
    checked,
    item_in,
    name_of,
    printed,
)
from pazpaz_otel.redact.provenance.nodes import Each
from pazpaz_otel.redact.provenance.resolving import NAMES
from pazpaz_otel.redact.provenance.samples import is_sample
from pazpaz_otel.redact.provenance.scope import MAX_DEPTH, Scope


class Follower(Scope):
    """Resolve the expressions in one scope."""

    def __call__(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of the text that `node` refers to, except constants that look like sample data."""
        if self._depth <= 0 or not allowance.take():
            return ()
        found = self._follow(node)
        member = self._member_of(node) if found else None
        return tuple(form for form in found if not is_sample(form, member))

    def _follow(self, node: ast.expr) -> tuple[Parts, ...]:
        if isinstance(node, ast.Name) and self._is_local(node.id):
            return self._of_local_name(node)
        item = item_of(node, self._known)
        if isinstance(node, ast.Subscript) or item is not None:
            return self._item(*item) if item is not None else self._constant(members.named_item(node, self))
        if isinstance(node, ast.Call):
            return calls.called(node, self) or self._constant(members.named_item(node, self))
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
            or members.of_local_class(node, self.body.definitions, self)
            or (*members.told_by_member(node, self), *calls.exact_property(node, self))
            or instances.exception_forms(node, self)
            or instances.attribute_forms(node, self)
            or calls.read_property(node, self)
        )

    def listed(self, node: ast.expr, *, whole: bool = False) -> tuple[Parts, ...]:
        """Return the forms of the texts that a list or generator holds; with `whole`, also what data could pick."""
        return listing.listed(node, self.deeper(), whole=whole) if self._depth > 0 else ()

    def joined(self, separator: ast.expr, items: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of the text that `join` makes of a list or generator."""
        return joining.joined(separator, items, self)

    def given(self, name: ast.Name) -> tuple[Parts, ...]:
        """Return the sentences that the function gives to an object it makes: `problems.add(f"{field} is empty")`."""
        return listing.sentences(self.body.given.get(name.id, ()), self) if listing.is_made(self.bound(name)) else ()

    def reach(self, name: ast.Name) -> list[ast.expr]:
        """Return what a local name was assigned, if that isn't itself a text."""
        kept = ast.List([value for _, value in self.body.kept.get(name.id, ())], ast.Load())
        return [value for value in (*self.bound(name), kept) if not forms_of(value, self.deeper())]

    def _of_local_name(self, name: ast.Name) -> tuple[Parts, ...]:
        if name.id in self._known:
            return self._known[name.id].forms
        return self._forms(self._local[name.id]) if name.id in self._local else self._from_around(name)

    def _from_around(self, name: ast.Name) -> tuple[Parts, ...]:
        """Return the forms of a name in the enclosing function, whose code isn't the running one."""
        index = self.index()
        around = self._around.deeper() if self._around is not None else None
        found = around(name) if around is not None and index is not None else ()
        return tuple(checked(form) for form in found if index and compiled_into(form, index.strings))

    def _member_of(self, node: ast.expr) -> str | None:
        """Return the identifier of the enum member that `node`, or the part before its `.value`, refers to."""
        value = self.look_up(node.value if isinstance(node, ast.Attribute) and node.attr == "value" else node).value
        return value._name_ if is_a(value, Enum) else None

    def _forms(self, bound: tuple[ast.expr, ...]) -> tuple[Parts, ...]:
        found: list[Parts] = []
        for expression in bound:
            forms = forms_of(expression, self.deeper())
            if id(expression) in self.body.defaults:
                index = self.index()
                forms = tuple(checked(form) for form in forms if index and compiled_into(form, index.strings))
            found += forms
        return tuple(found)

    def _item(self, container: ast.expr, key: object) -> tuple[Parts, ...]:
        if isinstance(container, ast.Name) and container.id in self._local:
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
        if type(value) is not str or found.source is None:
            return shown
        inner = self.of_scope(found)
        forms = [form for expression in found.bound for form in forms_of(expression, inner)]
        # Or an argument of a call: `GREETING = gettext("…")`.
        forms += [form for expression in found.bound for form in calls.handed(expression, inner)]
        # Whether bound once or not: a value that another module sets there isn't a constant.
        return shown + tuple(
            checked(form) for form in forms if compiled_into(form, found.source.strings) and Form(form).matches(value)
        )


def class_attribute(cls: type, name: str) -> tuple[Parts, ...]:
    """Return the forms of the text that the source binds a class attribute to."""
    return Follower({}, {})._constant(attribute_of(cls, name))  # noqa: SLF001


def follower_of(
    module: dict[str, Any] | None,
    function: ast.FunctionDef | ast.AsyncFunctionDef | None,
    depth: int = MAX_DEPTH,
    *,
    around: Follower | None = None,
) -> Follower:
    """Return a resolver for the expressions of a function, or of a module if there is none."""
    if function is None:
        return Follower(module, {}, depth, around=around)
    return Follower(module, bindings_of(function), depth, function=function, around=around)
