"""Attributes of objects that are constructed in the source, `Rule("late", "the client is late").message`, and of enums.

The class tells which argument an attribute holds: by its fields (dataclasses, named tuples), or by a constructor that
assigns a parameter to it. A missing argument means the default. Of an enum's members, what their properties return and
what dictionaries hold under them.
"""

from __future__ import annotations

import ast
import dataclasses
from enum import Enum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.provenance.arguments import positional, written_for
from pazpaz_otel.redact.provenance.bindings import assignments, bindings_of
from pazpaz_otel.redact.provenance.calls import called, chosen, handed
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of, forms_of_each
from pazpaz_otel.redact.provenance.displays import CHOOSERS, item_of, items_of, looked_up
from pazpaz_otel.redact.provenance.forms import Piece
from pazpaz_otel.redact.provenance.lookups import NOTHING, Found, compiled_in
from pazpaz_otel.redact.provenance.resolving import arguments_of, dotted
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

WHOLE: Final = object()
"""The key of what an attribute holds itself."""
_PICKING: Final = CHOOSERS | {"getattr"}


class _Made(NamedTuple):
    """A construction in the source.

    Attributes:
        call: the call of the class.
        follower: resolves its arguments.
        source: the module it is in, if that isn't the running function's.
    """

    call: ast.Call
    follower: Follower
    source: SourceIndex | None


def attribute_forms(node: ast.Attribute, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text in an attribute of a constructed object."""
    made = _construction(node.value, follower)
    cls = made.follower.look_up(made.call.func).value if made is not None else None
    if made is None or not is_a(cls, type):
        return (made is not None and _of_results(node.attr, made)) or _of_owner(node, follower)
    names = _parameters(cls, node.attr)
    given = written_for(names[1], made.call).get(names[0]) if names is not None else None
    if given is None:
        return _default(cls, node.attr, follower)
    return _kept(forms_of(given, made.follower), made.source)


def _of_results(attribute: str, made: _Made) -> tuple[Parts, ...]:
    """Return the forms of an attribute of the objects that a function returns: `check(name).message`."""

    def of(inner: Follower) -> tuple[Parts, ...]:
        ends = (end for end in inner.body.returned if isinstance(end, ast.Call))
        results = [ast.Attribute(end, attribute, ast.Load()) for end in ends]
        return chosen([form for result in results for form in attribute_forms(result, inner)])

    return _kept(called(made.call, made.follower, of), made.source)


def _of_owner(node: ast.Attribute, follower: Follower) -> tuple[Parts, ...]:
    owner = follower.look_up(node.value)
    if any(_is_picked(inner) for value in owner.bound for inner in ast.walk(value)):
        return ()
    return (
        _default(type(owner.value), node.attr, follower)
        if owner.source is not None
        else declared(node, WHOLE, follower)
    )


def _is_picked(node: ast.AST) -> bool:
    """Return whether data may have picked an object, and so its class, from a table or a namespace."""
    parts = looked_up(node) if isinstance(node, ast.expr) else None
    func = dotted(node.func) or "" if isinstance(node, ast.Call) else ""
    return (parts is not None and not isinstance(parts[1], ast.Constant)) or func.rpartition(".")[2] in _PICKING


def declared(held: ast.expr, key: object, follower: Follower) -> tuple[Parts, ...]:
    """Return the text that a class gives an attribute, or its table under a constant key: `self.messages["late"]`.

    An object's class, that of settings for instance, is known only at run time. A class that the module defines or
    imports is accepted if no other gives this attribute a text, since data may pick one of several, and if the text is
    a sentence; a single word could be a value.
    """
    index = follower.index() if follower.is_own() else None
    if index is None or not isinstance(held, ast.Attribute):
        return ()
    classes = [(index, name) for name in index.classes]
    for source, original in index.imports.values():
        origin = follower.readable(source)
        if origin is not None and original in origin.classes:
            classes.append((origin, original))
    given = list(filter(None, (list(_of_class(held.attr, *one, key, follower)) for one in classes)))
    texts = given[0] if len(given) == 1 else ()
    return tuple(form for form in texts if sum(part.text.count(" ") for part in form if isinstance(part, Piece)) > 1)


def _of_class(attribute: str, index: SourceIndex, cls: str, key: object, follower: Follower) -> Iterator[Parts]:
    inner = follower.of_module(index)
    for value in index.attributes_of(cls).get(attribute, ()):
        for written in [value] if key is WHOLE else items_of(value, key):
            yield from _kept(_texts(written, inner), index)


def _texts(value: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of a default in a call that also describes the field: `Field("…", max_length=80)`."""
    return forms_of(value, follower) or handed(value, follower)


def exception_forms(name: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the texts that an exception was given which a module or class creates once and raises often."""
    made = _construction(name, follower) if is_a(follower.look_up(name).value, BaseException) else None
    if made is None:
        return ()
    return _kept(forms_of_each(arguments_of(made.call), made.follower), made.source)


def _kept(forms: tuple[Parts, ...], source: SourceIndex | None) -> tuple[Parts, ...]:
    return forms if source is None else compiled_in(forms, source)


def _construction(node: ast.expr, follower: Follower) -> _Made | None:
    if isinstance(node, ast.Call):
        return _Made(node, follower.deeper(), None)
    if isinstance(node, ast.Name) and (bound := follower.bound(node)):
        return _Made(bound[0], follower.deeper(), None) if len(bound) == 1 and isinstance(bound[0], ast.Call) else None
    item = item_of(node)
    found = follower.look_up(node if item is None else item[0])
    values: Sequence[ast.expr] = found.bound
    if item is not None and len(values) == 1:
        values = items_of(values[0], item[1])
    if found.source is None or len(values) != 1 or not isinstance(values[0], ast.Call):
        return None
    return _Made(values[0], follower.of_module(found.source), found.source)


def _parameters(cls: type, attribute: str) -> tuple[str, Sequence[str]] | None:
    """Return the parameter that an attribute holds, and the class's positional parameters."""
    if dataclasses.is_dataclass(cls):
        return attribute, [field.name for field in dataclasses.fields(cls) if field.init and not field.kw_only]
    if cls is SimpleNamespace:
        return attribute, ()
    fields: Any = cls.__dict__.get("_fields")
    if issubclass(cls, tuple) and type(fields) is tuple:
        return attribute, fields
    index = index_of(cls.__module__)
    function = index.functions.get(f"{cls.__qualname__}.__init__") if index is not None else None
    for target, value in assignments(function.body) if function is not None else ():
        if isinstance(target, ast.Attribute) and target.attr == attribute and isinstance(value, ast.Name):
            return value.id, positional(function)[1:] if function is not None else ()
    return None


def _default(cls: type, attribute: str, follower: Follower) -> tuple[Parts, ...]:
    for base in cls.__mro__:
        index = follower.readable(base.__module__)
        bound = index.attributes_of(base.__qualname__).get(attribute, ()) if index is not None else ()
        if index is not None and bound:
            inner = follower.of_module(index)
            return _kept(tuple(form for value in bound for form in _texts(value, inner)), index)
    return ()


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
