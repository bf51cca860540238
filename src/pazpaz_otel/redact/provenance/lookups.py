"""Look up names in the running program: what a module's name or a class's attribute holds, and where it is bound.

Looking up executes nothing: no property, no `__getattr__`.
"""

from __future__ import annotations

import ast
import sys
from enum import Enum
from types import FunctionType, MappingProxyType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.provenance.code_index import imported, is_a, is_loaded
from pazpaz_otel.redact.provenance.displays import items_of
from pazpaz_otel.redact.provenance.forms import Hole, Parts, Piece, compiled_into
from pazpaz_otel.redact.provenance.installed import file_of, is_installed
from pazpaz_otel.redact.provenance.module_index import class_name, function_proven
from pazpaz_otel.redact.provenance.source_index import SourceIndex, index_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAX_DEPTH: Final = 5
MISSING: Final = object()


class Found(NamedTuple):
    """A value in the running program, and where the source binds it."""

    value: Any
    source: SourceIndex | None
    bound: tuple[ast.expr, ...]
    scope: Mapping[str, tuple[ast.expr, ...]]


NOTHING: Final = Found(MISSING, None, (), {})


def printed(found: Found, member: Enum) -> tuple[Parts, ...]:
    """Return how Python prints a member that the source defines, `Reason.LATE`, or what `auto()` makes of its name."""
    cls = type(member)
    if member._name_ not in found.scope or class_name(cls) is None:
        return ()
    match found.bound:
        case (ast.Call(func=ast.Attribute(attr="auto") | ast.Name(id="auto")),):
            is_auto = member._value_ == member._name_.lower()
        case _:
            is_auto = False
    if cls.__str__ is not Enum.__str__:
        return ((Piece(member._value_, member._value_, checked=True),),) if is_auto else ()
    text = f"{simple_name(cls)}.{member._name_}"
    return ((Piece(text, text, checked=True),),)


def simple_name(cls: type) -> str:
    """Return the last part of a class's qualified name."""
    return cls.__qualname__.rpartition(".")[2]


def callable_in(owner: Found, name: str) -> Any:
    """Return the function or class that a module, class or object has under a name, or None."""
    value = owner.value
    if is_a(value, ModuleType):
        return value.__dict__.get(name)
    holders: tuple[type, ...] = () if value is MISSING else (value if is_a(value, type) else type(value)).__mro__
    member = next((base.__dict__[name] for base in holders if name in base.__dict__), None)
    return member.__func__ if is_a(member, staticmethod) or is_a(member, classmethod) else member


def member_of(owner: Found, name: str) -> Found:
    """Look up an attribute of a module, class or enum member."""
    value = owner.value
    if is_a(value, ModuleType):
        return in_module(value.__dict__, name)
    if is_a(value, type):
        return attribute_of(value, name)
    if is_a(value, Enum) and name in {"value", "_value_"}:
        return owner._replace(value=value._value_)
    if is_a(value, Enum) and type(value.__dict__.get(name)) is str:
        # A member's constructor splits its value: any of the texts that the member is defined with.
        bound = (item for display in owner.bound if isinstance(display, ast.Tuple) for item in display.elts)
        return owner._replace(value=value.__dict__[name], bound=tuple(bound))
    if is_a(value, Enum) and name == "name" and owner.bound and value._name_ in (owner.scope or {}):
        return owner._replace(value=value._name_, bound=(ast.Constant(value._name_),))
    return NOTHING


def name_of(value: Any, attribute: str) -> tuple[Parts, ...]:
    """Return the name of a loaded function or class, from `__name__` or `__qualname__`."""
    if is_a(value, MethodType):
        value = value.__func__
    if not is_a(value, (FunctionType, type)):
        return ()
    name, module = getattr(value, attribute), value.__module__
    # A class's `__name__` can be set to anything; its qualified name is compared with its module.
    is_class = is_a(value, type) and class_name(value) is not None and name in {value.__qualname__, simple_name(value)}
    proven = is_class or function_proven(module, name)
    return ((Piece(name, name, checked=True),),) if type(name) is str and proven else ()


def in_module(module: dict[str, Any], name: str, depth: int = _MAX_DEPTH) -> Found:
    """Look up a loaded module's name, in the module that it was imported from."""
    value = module.get(name, MISSING)
    own = module.get("__name__")
    if type(own) is not str or not is_loaded(module):
        return NOTHING
    if is_a(value, (type, ModuleType)):
        return Found(value, None, (), {})
    index = index_of(own) if _is_followed(value, module) else None
    if index is None:
        return NOTHING
    origins = [index.imports[name]] if name in index.imports else []
    if not origins and name not in index.names:
        origins = [(source, name) for source in index.stars]
    if not origins:
        return Found(value, index, index.names.get(name, ()), {})
    for source, original in origins if depth > 0 else ():
        origin = sys.modules.get(source)
        if is_a(origin, ModuleType) and imported(source):
            found = in_module(origin.__dict__, original, depth - 1)
            if found.value is value:
                return found
    return NOTHING


def _is_followed(value: object, module: dict[str, Any]) -> bool:
    if type(value) in {str, dict, list, tuple, MappingProxyType} or is_a(value, Enum):
        return True
    # Resolving an object reads its module's source; a framework's is large, and has no messages of the application.
    file = file_of(module)
    return value is not MISSING and not _is_defined(value) and not is_installed(str(file))


def _is_defined(value: object) -> bool:
    """Return whether a value is a function that a statement of its own defines."""
    return is_a(value, FunctionType) and value.__name__ != "<lambda>"


def attribute_of(cls: type, name: str) -> Found:
    """Look up a class's attribute, in the class that defines it."""
    for base in cls.__mro__:
        value = (
            cls.__dict__["_member_map_"].get(name, MISSING)
            if issubclass(cls, Enum)
            else base.__dict__.get(name, MISSING)
        )
        if value is MISSING:
            continue
        if is_a(value, type):
            return Found(value, None, (), {})
        if _is_defined(value):
            return NOTHING
        index = index_of(base.__module__)
        bound = index.attributes_of(base.__qualname__) if index is not None else {}
        return Found(value, index, bound.get(name, ()), bound)
    return NOTHING


def checked(parts: Parts) -> Parts:
    """Return parts marked as compared with the code that holds them."""
    return tuple(part if isinstance(part, Hole) else Piece(part.text, part.constant, checked=True) for part in parts)


def compiled_in(forms: Iterable[Parts], source: SourceIndex | None) -> tuple[Parts, ...]:
    """Return the forms whose texts a module was compiled with, marked as compared; none without a module."""
    if source is None:
        return ()
    return tuple(checked(form) for form in forms if compiled_into(form, source.strings))


def is_compiled(found: Found) -> bool:
    """Return whether the source binds a value once, to an expression whose texts the module was compiled with."""
    if found.source is None or len(found.bound) != 1:
        return False
    texts = (node.value for node in ast.walk(found.bound[0]) if isinstance(node, ast.Constant))
    return all(type(text) is not str or text in found.source.strings for text in texts)


def item_in(found: Found, key: object) -> Found:
    """Look up an item of a container that is written out in the source."""
    if is_a(found.value, type) and issubclass(found.value, Enum) and type(key) is str:
        return attribute_of(found.value, key)
    if type(found.value) not in {dict, list, tuple, MappingProxyType} or len(found.bound) != 1:
        return NOTHING
    try:
        value = found.value[key]
    except (LookupError, TypeError):
        return NOTHING
    return found._replace(value=value, bound=tuple(items_of(found.bound[0], key)))
