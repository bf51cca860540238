"""Follows an expression to the text that it refers to: a local variable, a constant, a class's attribute, an item.

What is followed must be bound once in the source, and hold what the source says where the running program can be
asked.
"""

from __future__ import annotations

import ast
import sys
from enum import Enum
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.provenance.bindings import FUNCTIONS, bindings_of
from pazpaz_otel.redact.provenance.code_index import imported
from pazpaz_otel.redact.provenance.composition import forms_of, item_of, items_of
from pazpaz_otel.redact.provenance.forms import Form, Hole, Parts, Piece, compiled_into
from pazpaz_otel.redact.provenance.module_index import class_name, function_proven
from pazpaz_otel.redact.provenance.samples import is_sample
from pazpaz_otel.redact.provenance.source_index import SourceIndex, index_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

_DEPTH: Final = 5
_MISSING: Final = object()
NAMES: Final = frozenset({"__name__", "__qualname__"})
"""Attributes by which functions and classes tell their names."""


class _Found(NamedTuple):
    """A value of the running program, and where the source binds it."""

    value: Any
    source: SourceIndex | None
    bound: tuple[ast.expr, ...]
    scope: Mapping[str, tuple[ast.expr, ...]]


_NOTHING: Final = _Found(_MISSING, None, (), {})


class Follower:
    """Follows expressions of one scope.

    Args:
        module: the dictionary of the module that they stand in; None to follow local names alone.
        local: what the names of their function or class are bound to.
        defaults: parameters' defaults among `local`, which are compiled outside of the function.
        depth: how many steps to follow.
    """

    def __init__(
        self,
        module: dict[str, Any] | None,
        local: Mapping[str, tuple[ast.expr, ...]],
        defaults: Container[int] = (),
        depth: int = _DEPTH,
    ) -> None:
        self._module = module
        self._local = local
        self._defaults = defaults
        self._depth = depth

    def __call__(self, node: ast.expr) -> tuple[Parts, ...]:
        """Return the forms of the text that `node` refers to; none where the source doesn't say.

        A constant that reads like a sample is no message: it must stand in the statement itself.
        """
        if self._depth <= 0:
            return ()
        found = self._follow(node)
        member = self._member_of(node) if found else None
        return tuple(form for form in found if not is_sample(form, member))

    def _follow(self, node: ast.expr) -> tuple[Parts, ...]:
        if isinstance(node, ast.Name) and node.id in self._local:
            return self._forms(self._local[node.id])
        item = item_of(node)
        if item is not None:
            return self._item(*item)
        if isinstance(node, ast.Call):
            return self._returned(self._callable(node.func))
        if self._module is None or not isinstance(node, (ast.Name, ast.Attribute)):
            return ()
        if isinstance(node, ast.Attribute) and node.attr in NAMES:
            return name_of(self._callable(node.value), node.attr)
        return self._constant(self._look_up(node))

    def _callable(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name) and self._module is not None and node.id not in self._local:
            return self._module.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._look_up(node.value).value
            member = owner.__dict__.get(node.attr) if isinstance(owner, type) else None
            return member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
        return None

    def _member_of(self, node: ast.expr) -> str | None:
        """Return the identifier of the enum's member that `node`, or what is before its `.value`, refers to."""
        if isinstance(node, ast.Attribute) and node.attr == "value":
            node = node.value
        value = self._look_up(node).value
        return value._name_ if isinstance(value, Enum) else None

    def _returned(self, function: Any) -> tuple[Parts, ...]:
        """Return what a function makes that has one `return`: of several, data may choose."""
        index = index_of(function.__module__) if type(function) is FunctionType else None
        node = index.functions.get(function.__qualname__) if index is not None else None
        if index is None or node is None or node.decorator_list or isinstance(node, ast.AsyncFunctionDef):
            return ()
        # A function inside has returns of its own.
        ends = [inner for inner in ast.walk(node) if isinstance(inner, (ast.Return, *FUNCTIONS)) and inner is not node]
        if len(ends) != 1 or not isinstance(ends[0], ast.Return) or ends[0].value is None:
            return ()
        follower = Follower(index.module, scope_of(node), defaults_of(node), self._depth - 1)
        forms = forms_of(ends[0].value, follower)
        return tuple(_checked(form) for form in forms if compiled_into(form, index.strings))

    def reach(self, name: ast.Name) -> list[ast.expr]:
        """Return what a local name was assigned, where that is no text itself."""
        bound = self._local.get(name.id, ()) if self._depth > 0 else ()
        return [value for value in bound if not forms_of(value, self._deeper())]

    def _deeper(self) -> Follower:
        return Follower(self._module, self._local, self._defaults, self._depth - 1)

    def _forms(self, bound: tuple[ast.expr, ...]) -> tuple[Parts, ...]:
        found: list[Parts] = []
        for expression in bound:
            forms = forms_of(expression, self._deeper())
            if id(expression) in self._defaults:
                forms = self._checked_defaults(forms)
            found += forms
        return tuple(found)

    def _checked_defaults(self, forms: tuple[Parts, ...]) -> tuple[Parts, ...]:
        index = index_of(self._module.get("__name__", "")) if self._module is not None else None
        return tuple(map(_checked, (f for f in forms if compiled_into(f, index.strings)))) if index else ()

    def _item(self, container: ast.expr, key: object) -> tuple[Parts, ...]:
        if isinstance(container, ast.Name) and container.id in self._local:
            bound = self._local[container.id]
            return self._forms(tuple(items_of(bound[0], key))) if len(bound) == 1 else ()
        if isinstance(container, (ast.Dict, ast.List, ast.Tuple)):
            return self._forms(tuple(items_of(container, key)))
        return self._constant(self._held(self._look_up(container), key))

    @staticmethod
    def _held(found: _Found, key: object) -> _Found:
        """Find the item of a container that the source writes out."""
        if isinstance(found.value, type) and issubclass(found.value, Enum) and type(key) is str:
            return _attribute(found.value, key)
        if type(found.value) not in {dict, list, tuple} or len(found.bound) != 1:
            return _NOTHING
        try:
            value = found.value[key]
        except (LookupError, TypeError):
            return _NOTHING
        return found._replace(value=value, bound=tuple(items_of(found.bound[0], key)))

    def _constant(self, found: _Found) -> tuple[Parts, ...]:
        value = found.value
        printed: tuple[Parts, ...] = ()
        if isinstance(value, Enum):
            printed, value = _printed(found, value), value._value_
        if type(value) is not str or found.source is None:
            return printed
        inner = Follower(found.source.module, found.scope, (), self._depth - 1)
        forms = [form for expression in found.bound for form in forms_of(expression, inner)]
        # Bound once or not: what another module set there is no constant.
        return printed + tuple(
            _checked(form) for form in forms if compiled_into(form, found.source.strings) and Form(form).matches(value)
        )

    def _look_up(self, node: ast.expr) -> _Found:
        """Find the value of a dotted name among modules, classes and enums; nothing is executed."""
        if self._module is None:
            return _NOTHING
        if isinstance(node, ast.Name):
            return _NOTHING if node.id in self._local else _in_module(self._module, node.id)
        if isinstance(node, ast.Attribute):
            return _member(self._look_up(node.value), node.attr)
        item = item_of(node)
        return self._held(self._look_up(item[0]), item[1]) if item is not None else _NOTHING


def _printed(found: _Found, member: Enum) -> tuple[Parts, ...]:
    """Return how Python prints a member that the source defines: `Reason.LATE`."""
    cls = type(member)
    if cls.__str__ is not Enum.__str__ or member._name_ not in found.scope or class_name(cls) is None:
        return ()
    text = f"{cls.__name__}.{member._name_}"
    return ((Piece(text, text, checked=True),),)


def _member(owner: _Found, name: str) -> _Found:
    value = owner.value
    if isinstance(value, ModuleType):
        return _in_module(value.__dict__, name)
    if isinstance(value, type):
        return _attribute(value, name)
    if isinstance(value, Enum) and name in {"value", "_value_"}:
        return owner._replace(value=value._value_)
    if isinstance(value, Enum) and name == "name" and owner.bound and value._name_ in (owner.scope or {}):
        return owner._replace(value=value._name_, bound=(ast.Constant(value._name_),))
    return _NOTHING


def name_of(value: Any, attribute: str) -> tuple[Parts, ...]:
    """Return the name of a loaded function or class, as `__name__` or `__qualname__` has it."""
    if isinstance(value, MethodType):
        value = value.__func__
    if not isinstance(value, (FunctionType, type)):
        return ()
    name, module = getattr(value, attribute), value.__module__
    proven = function_proven(module, name) or (isinstance(value, type) and class_name(value) is not None)
    return ((Piece(name, name, checked=True),),) if type(name) is str and proven else ()


def class_attribute(cls: type, name: str) -> tuple[Parts, ...]:
    """Return the forms of a text that the source binds a class's attribute to."""
    return Follower({}, {})._constant(_attribute(cls, name))  # noqa: SLF001


def defaults_of(function: ast.FunctionDef | ast.AsyncFunctionDef | None) -> frozenset[int]:
    """Return which expressions are the defaults of a function's parameters, by their identity."""
    if function is None:
        return frozenset()
    return frozenset(id(default) for default in (*function.args.defaults, *function.args.kw_defaults) if default)


def scope_of(function: ast.FunctionDef | ast.AsyncFunctionDef | None) -> Mapping[str, tuple[ast.expr, ...]]:
    """Return what the names of a function are bound to."""
    return bindings_of(function) if function is not None else {}


def _checked(parts: Parts) -> Parts:
    return tuple(part if isinstance(part, Hole) else Piece(part.text, part.constant, checked=True) for part in parts)


def _in_module(module: dict[str, Any], name: str, depth: int = _DEPTH) -> _Found:
    value = module.get(name, _MISSING)
    own = module.get("__name__")
    loaded = sys.modules.get(own) if type(own) is str else None
    if type(own) is not str or loaded is None or loaded.__dict__ is not module:
        return _NOTHING
    if isinstance(value, (type, ModuleType)):
        return _Found(value, None, (), {})
    index = index_of(own) if _is_constant(value) else None
    if index is None:
        return _NOTHING
    if name not in index.imports:
        return _Found(value, index, index.names.get(name, ()), {})
    source, original = index.imports[name]
    origin = sys.modules.get(source)
    if depth <= 0 or not isinstance(origin, ModuleType) or not imported(source):
        return _NOTHING
    found = _in_module(origin.__dict__, original, depth - 1)
    return found if found.value is value else _NOTHING


def _is_constant(value: object) -> bool:
    return type(value) in {str, dict, list, tuple} or isinstance(value, Enum)


def _attribute(cls: type, name: str) -> _Found:
    for base in cls.__mro__:
        value = (
            cls.__dict__["_member_map_"].get(name, _MISSING)
            if issubclass(cls, Enum)
            else base.__dict__.get(name, _MISSING)
        )
        if value is _MISSING:
            continue
        if isinstance(value, type):
            return _Found(value, None, (), {})
        if not _is_constant(value):
            return _NOTHING
        index = index_of(base.__module__)
        bound = index.attributes_of(base.__qualname__) if index is not None else {}
        return _Found(value, index, bound.get(name, ()), bound)
    return _NOTHING
