"""Texts that are assigned to an attribute or item, and read later by a statement that doesn't contain them.

`scope.fingerprint = ["billing-timeouts"]` in the running function; `self.reason = "…"` in an application's class.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.fifo_cache import remembering
from pazpaz_otel.redact.provenance.bindings import assignments
from pazpaz_otel.redact.provenance.code_index import is_a, own_attributes
from pazpaz_otel.redact.provenance.composition import forms_of, forms_of_each
from pazpaz_otel.redact.provenance.following import class_attribute, follower_of
from pazpaz_otel.redact.provenance.forms import compiled_into
from pazpaz_otel.redact.provenance.installed import may_read
from pazpaz_otel.redact.provenance.lookups import compiled_in
from pazpaz_otel.redact.provenance.places import NO_TEXTS, Texts
from pazpaz_otel.redact.provenance.samples import is_sample
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

    _Assigned = dict[str, list[tuple[Function, ast.expr]]]

_DISPLAYS: Final = (ast.List, ast.Tuple)


def assigned_in(code: CodeType, module: dict[str, Any], name: str) -> Texts:
    """Return the texts that the function of `code` assigns to `name`, directly or in a list; never raise.

    Args:
        code: the function's code.
        module: its module's dictionary.
        name: the attribute or item: `fingerprint` for `scope.fingerprint = …` and `event["fingerprint"] = …`.
    """
    return _assigned_texts(code, module, name) if name in code.co_names or name in code.co_consts else NO_TEXTS


@remembering(256, lambda code, _, name: (code, name))
def _assigned_texts(code: CodeType, module: dict[str, Any], name: str) -> Texts:
    index = index_of(str(module.get("__name__")))
    function = index.functions.get(code.co_qualname) if index is not None and index.module is module else None
    found: list[Any] = []
    if index is not None and function is not None:
        follower = follower_of(module, function)
        try:
            forms = forms_of_each(_assigned(function, name), follower)
            found = [form for form in forms if compiled_into(form, index.strings)]
        except (ValueError, RecursionError):
            found = []
    return Texts(found)


def assigned_attribute(cls: type, name: str) -> tuple[Parts, ...]:
    """Return the texts that an application's class assigns to an attribute of its objects.

    Returns None if any assignment isn't a text, because the attribute may then hold anything.
    """
    for base in cls.__mro__[:-1]:
        index = index_of(base.__module__) if may_read(base.__module__) else None
        if index is None:
            continue
        assigned = _assigned_by_class(base, index).get(name, ())
        found = [forms_of(value, follower_of(index.module, method)) for method, value in assigned]
        if found:
            texts = compiled_in((form for forms in found for form in forms), index)
            return tuple(form for form in texts if not is_sample(form)) if all(found) else ()
    return ()


def attribute_texts(owner: Any, name: str) -> Texts:
    """Return the texts that an attribute of an object or class holds, by its class: as a default, or as assigned."""
    cls = owner if is_a(owner, type) else type(owner)
    is_assigned = cls is not owner and name in own_attributes(owner)
    return _texts_of(cls, name, is_assigned)


@remembering(1024)
def _texts_of(cls: type, name: str, is_assigned: bool) -> Texts:
    return Texts(assigned_attribute(cls, name) if is_assigned else class_attribute(cls, name))


@remembering(256)
def _assigned_by_class(cls: type, index: SourceIndex) -> _Assigned:
    """Return what a class's methods assign to each attribute of their objects, from one walk over the class."""
    found: _Assigned = {}
    for method in index.methods_of(cls):
        for target, value in assignments(method.body):
            match target:
                case ast.Attribute(value=ast.Name(id="self"), attr=name):
                    found.setdefault(name, []).append((method, value))
    return found


def _assigned(function: Function, name: str) -> Iterator[ast.expr]:
    for target, value in assignments(function.body):
        if _is_named(target, name):
            # `error.args = (f"…",) + error.args[1:]`
            first = value.left if isinstance(value, ast.BinOp) else value
            yield from first.elts if isinstance(first, _DISPLAYS) else [value]


def _is_named(target: ast.expr, name: str) -> bool:
    match target:
        case ast.Attribute(attr=attribute):
            return attribute == name
        case ast.Subscript(slice=ast.Constant(value=key)):
            return bool(key == name)
    return False
