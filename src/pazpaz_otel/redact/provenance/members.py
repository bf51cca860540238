"""Enum members: what their properties return, and what dictionaries hold under them."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from pazpaz_otel.redact.provenance.composition import forms_of
from pazpaz_otel.redact.provenance.forms import compiled_into
from pazpaz_otel.redact.provenance.lookups import NOTHING, Found, checked

if TYPE_CHECKING:
    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts


def told_by_member(node: ast.Attribute, follower: Follower) -> tuple[Parts, ...]:
    """Return the texts in the definition of an enum member, one of which a property may return: `Code.LATE.text`."""
    owner = follower.look_up(node.value)
    told = getattr(type(owner.value), node.attr, None) if isinstance(owner.value, Enum) else None
    if not isinstance(told, property) or owner.source is None:
        return ()
    written = [value for bound in owner.bound for value in (bound.elts if isinstance(bound, ast.Tuple) else [bound])]
    forms = [form for value in written for form in forms_of(value, follower.of_scope(owner))]
    return tuple(checked(form) for form in forms if compiled_into(form, owner.source.strings))


def named_item(node: ast.expr, follower: Follower) -> Found:
    """Look up a dictionary's item by a named key: a constant or an enum member (`TEXTS[Reason.LATE]`)."""
    if not isinstance(node, ast.Subscript):
        return NOTHING
    key, container = follower.look_up(node.slice), follower.look_up(node.value)
    is_constant = isinstance(key.value, Enum) or (type(key.value) is str and len(key.bound) == 1)
    display = container.bound[0] if len(container.bound) == 1 else None
    if not is_constant or type(container.value) is not dict or not isinstance(display, ast.Dict):
        return NOTHING
    if container.source is None or key.value not in container.value:
        return NOTHING
    inner = follower.of_module(container.source)
    written = [value for name, value in zip(display.keys, display.values, strict=True) if _is_key(name, key, inner)]
    return container._replace(value=container.value[key.value], bound=tuple(written))


def _is_key(node: ast.expr | None, key: Found, follower: Follower) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is type(key.value) and bool(node.value == key.value)
    return node is not None and follower.look_up(node).value is key.value
