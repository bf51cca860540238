"""What calls make: the texts that a function or lambda returns, and those that a partial was given.

A function counts if it has one `return`, the two of a condition, or a few that all compose a text: if several return
literals, data may choose among them.
"""

from __future__ import annotations

import ast
import functools
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.bindings import own_nodes
from pazpaz_otel.redact.provenance.composition import dotted, forms_of
from pazpaz_otel.redact.provenance.forms import Hole, Piece, compiled_into
from pazpaz_otel.redact.provenance.lookups import checked
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

Function = ast.FunctionDef | ast.AsyncFunctionDef

_MAX_METHODS: Final = 4
_MAX_RETURNS: Final = 8
_ARMS: Final = 2
_MIN_LITERAL_TEXT: Final = 12
_PROPERTIES: Final = frozenset({"property", "cached_property", "functools.cached_property"})


def called(call: ast.Call, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text that a call makes."""
    func = call.func
    match func:
        case ast.Name(id="str" | "repr") if len(call.args) == 1:
            return _methods(f"__{func.id}__", call.args[0], follower)
        case ast.Name():
            return _named(func, follower)
        case ast.Attribute():
            exact = follower.callable(func)
            return _of_function(exact, follower) if exact is not None else _methods(func.attr, func.value, follower)
    return ()


def read_property(node: ast.Attribute, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text that a property makes."""
    return _methods(node.attr, node.value, follower, properties=True)


def _named(func: ast.Name, follower: Follower) -> tuple[Parts, ...]:
    inner = follower.definition(func.id)
    if inner is not None:
        return returned(inner[0], inner[1])
    bound = follower.bound(func)
    if len(bound) == 1:
        value = bound[0]
        if isinstance(value, ast.Lambda):
            return forms_of(value.body, follower.deeper())
        return handed(value, follower.deeper()) if _is_partial(value) else ()
    found = follower.look_up(func)
    if isinstance(found.value, functools.partial) and found.source is not None and len(found.bound) == 1:
        given = handed(found.bound[0], follower.of_module(found.source))
        return tuple(checked(form) for form in given if compiled_into(form, found.source.strings))
    return _of_function(follower.callable(func), follower)


def _of_function(function: Any, follower: Follower) -> tuple[Parts, ...]:
    if type(function) is not FunctionType or not follower.may_read(function.__module__):
        return ()
    index = index_of(function.__module__)
    node = index.functions.get(function.__qualname__) if index is not None else None
    return _from(index, node, follower) if index is not None and node is not None else ()


def _from(index: SourceIndex, node: Function, follower: Follower) -> tuple[Parts, ...]:
    forms = returned(node, follower.of_function(index, node))
    found = tuple(checked(form) for form in forms if compiled_into(form, index.strings))
    # Libraries' helpers compose much with little literal text, which would match anything: `f"{function} at {line}"`.
    return found if follower.is_own() else tuple(form for form in found if _length(form) >= _MIN_LITERAL_TEXT)


def _length(form: Parts) -> int:
    return sum(len(part.text) for part in form if isinstance(part, Piece))


def _methods(name: str, receiver: ast.expr, follower: Follower, *, properties: bool = False) -> tuple[Parts, ...]:
    """Return what methods of this name make, for all classes that the module defines or imports.

    An object's class is known only at run time. Any method that makes the text is accepted, because only text from the
    method's source leaves.
    """
    # In an installed package, only methods that the running object calls on itself.
    is_wanted = follower.is_own() or dotted(receiver) == "self"
    index = follower.index() if is_wanted and not isinstance(receiver, ast.Constant) else None
    if index is None:
        return ()
    found: list[tuple[SourceIndex, Function]] = [(index, node) for node in index.methods.get(name, ())]
    for source, original in index.imports.values() if follower.is_own() else ():
        origin = index_of(source) if follower.may_read(source) else None
        node = origin.functions.get(f"{original}.{name}") if origin is not None else None
        if origin is not None and node is not None:
            found.append((origin, node))
    for source in index.stars:
        origin = index_of(source) if follower.may_read(source) else None
        found += [(origin, node) for node in origin.methods.get(name, ())] if origin is not None else []
    wanted = [(origin, node) for origin, node in found if _is_property(node) == properties]
    if not 0 < len(wanted) <= _MAX_METHODS:
        return ()
    return tuple(form for origin, node in wanted for form in _from(origin, node, follower))


def returned(function: Function, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text that a function returns, or passes to the object that it returns."""
    ends = [node.value for node in own_nodes(function.body) if isinstance(node, ast.Return)]
    if len(ends) == 1:
        return () if ends[0] is None else forms_of(ends[0], follower) or handed(ends[0], follower)
    found = [() if end is None else forms_of(end, follower) for end in ends[: _MAX_RETURNS + 1]]
    if not all(found) or len(found) > _MAX_RETURNS:
        return ()
    forms = tuple(form for end in found for form in end)
    whole = sum(not any(isinstance(part, Hole) for part in form) for form in forms)
    return forms if whole <= _ARMS else ()


def handed(value: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the texts among the arguments of a call to an exception's class or a partial."""
    if not isinstance(value, ast.Call):
        return ()
    given = [*value.args, *(item.value for item in value.keywords)]
    return tuple(form for argument in given for form in forms_of(argument, follower))


def _is_partial(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and (dotted(value.func) or "").rpartition(".")[2] == "partial"


def _is_property(node: Function) -> bool:
    return any(dotted(decorator) in _PROPERTIES for decorator in node.decorator_list)
