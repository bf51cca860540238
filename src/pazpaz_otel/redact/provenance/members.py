"""Enum members: what their properties return, and what dictionaries hold under them."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from pazpaz_otel.redact.provenance.bindings import bindings_of
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of_each
from pazpaz_otel.redact.provenance.displays import looked_up
from pazpaz_otel.redact.provenance.lookups import NOTHING, Found, compiled_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts


def told_by_member(node: ast.Attribute, follower: Follower) -> tuple[Parts, ...]:
    """Return the texts in the definition of an enum member, one of which a property may return: `Code.LATE.text`."""
    owner = follower.look_up(node.value)
    told = getattr(type(owner.value), node.attr, None) if is_a(owner.value, Enum) else None
    if not is_a(told, property):
        return ()
    written = [value for bound in owner.bound for value in (bound.elts if isinstance(bound, ast.Tuple) else [bound])]
    return compiled_in(forms_of_each(written, follower.of_scope(owner)), owner.source)


def of_local_class(node: ast.Attribute, definitions: Mapping[str, ast.stmt], follower: Follower) -> tuple[Parts, ...]:
    """Return the texts of a member, or its `.value`, of a class that the function defines: `Reason.LATE.value`."""
    member = node.value if node.attr == "value" and isinstance(node.value, ast.Attribute) else node
    index = follower.index()
    cls = definitions.get(member.value.id) if isinstance(member.value, ast.Name) else None
    if not isinstance(cls, ast.ClassDef) or index is None:
        return ()
    return compiled_in(forms_of_each(bindings_of(cls).get(member.attr, ()), follower.of_module(index)), index)


def named_item(node: ast.expr, follower: Follower) -> Found:
    """Look up a dictionary's item by a named key: a constant or an enum member (`TEXTS[Reason.LATE]`)."""
    parts = looked_up(node)
    if parts is None:
        return NOTHING
    held, named = parts
    made = follower.bound(held) if isinstance(held, ast.Name) else ()
    held = made[0] if len(made) == 1 and isinstance(made[0], ast.Dict) else held
    key, container = follower.look_up(named), follower.look_up(held)
    is_constant = _is_named(key, follower)
    if is_constant and isinstance(held, ast.Dict):
        return _spelled_out(held, key, follower)
    display = container.bound[0] if len(container.bound) == 1 else None
    if not is_constant or type(container.value) is not dict or not isinstance(display, ast.Dict):
        return NOTHING
    if container.source is None or key.value not in container.value:
        return NOTHING
    inner = follower.of_module(container.source)
    written = [value for name, value in zip(display.keys, display.values, strict=True) if _is_key(name, key, inner)]
    return container._replace(value=container.value[key.value], bound=tuple(written))


def _is_named(key: Found, follower: Follower) -> bool:
    """Return whether the source names a key, a text or an enum member, and not only what holds it."""
    bound = key.bound[0] if len(key.bound) == 1 else None
    if is_a(key.value, Enum):
        is_same = isinstance(bound, ast.Attribute) and follower.of_scope(key).look_up(bound).value is key.value
        return is_same or key.value._name_ in key.scope
    return type(key.value) is str and isinstance(bound, ast.Constant) and bound.value == key.value


def _spelled_out(display: ast.Dict, key: Found, follower: Follower) -> Found:
    """Look up a literal in a dictionary that the function makes: `{Reason.LATE: "…"}[self]`."""
    for name, value in zip(display.keys, display.values, strict=True):
        if isinstance(value, ast.Constant) and _is_key(name, key, follower):
            return Found(value.value, follower.index(), (value,), {})
    return NOTHING


def _is_key(node: ast.expr | None, key: Found, follower: Follower) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is type(key.value) and bool(node.value == key.value)
    return node is not None and follower.look_up(node).value is key.value
