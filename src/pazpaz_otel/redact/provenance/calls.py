"""What calls make: the texts that a function or lambda returns, and those that a partial was given.

A function counts if it has one `return`, the two of a condition, or a few that all compose a text: if several return
literals, data may choose among them.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.arguments import passed_to
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of, forms_of_each
from pazpaz_otel.redact.provenance.displays import CHOOSERS, items_of
from pazpaz_otel.redact.provenance.forms import Hole, Piece
from pazpaz_otel.redact.provenance.lookups import Found, checked, compiled_in
from pazpaz_otel.redact.provenance.resolving import arguments_of, dotted, name_of_called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pazpaz_otel.redact.provenance.following import Follower
    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

    _Defined = tuple[SourceIndex, "Function"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Told = Callable[["Follower"], tuple["Parts", ...]]
"""Returns the forms of what a function returns, by what resolves the names in it."""

_MAX_METHODS: Final = 4
_MAX_RETURNS: Final = 8
_ARMS: Final = 2
_MIN_LITERAL_TEXT: Final = 12
_ERRORS: Final = frozenset(name for name, value in vars(builtins).items() if is_a(value, type(BaseException)))
_DISPATCHERS: Final = frozenset({"singledispatch", "singledispatchmethod"})
"""Decorators of functions that return what others do, by the class of an argument."""
_PROPERTIES: Final = frozenset({"property", "cached_property", "functools.cached_property"})


def called(call: ast.Call, follower: Follower, of: Told | None = None) -> tuple[Parts, ...]:
    """Return the forms of the text that a call makes.

    Args:
        call: the call.
        follower: resolves the names in it.
        of: returns the forms of what a function returns; by default, of the text.
    """
    of = of or returned
    func = call.func
    made: tuple[Parts, ...] = ()
    match func:
        case ast.Name(id="str" | "repr") if len(call.args) == 1:
            value = call.args[0]
            printing = ast.Call(ast.Attribute(value, f"__{func.id}__", ast.Load()), [], [])
            made = _methods(f"__{func.id}__", value, follower, of, printing)
            made = made or (forms_of(value, follower.deeper()) if func.id == "str" else ())
        case ast.Name(id="next") if call.args:
            made = follower.listed(call.args[0])
        case ast.Name():
            made = _named(func, follower, call, of)
        case ast.Lambda():
            made = forms_of(func.body, follower.deeper())
        case ast.Subscript(value=held, slice=ast.Constant(value=key)):
            table = follower.bound(held) if isinstance(held, ast.Name) else ()
            items = items_of(table[0], key) if len(table) == 1 else []
            made = forms_of(ast.Call(items[0], call.args, call.keywords), follower.deeper()) if items else ()
            made = made or _kept(call, follower)
        case ast.Attribute():
            exact = follower.callable(func)
            if exact is None:
                made = _methods(func.attr, func.value, follower, of, call)
            else:
                made = _made(exact, follower, call, of)
    return made


def exact_property(node: ast.Attribute, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text that a property makes of an object that the source tells, such as an enum member."""
    found = follower.callable(node)
    getter = found.func if is_a(found, functools.cached_property) else getattr(found, "fget", None)
    return _of_function(getter, follower, returned, owner=follower.look_up(node.value))


def read_property(node: ast.Attribute, follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text that a property makes."""
    return _methods(node.attr, node.value, follower, returned)


def _named(func: ast.Name, follower: Follower, call: ast.Call, of: Told) -> tuple[Parts, ...]:
    inner = follower.definition(func.id)
    if inner is not None:
        return of(inner)
    bound = follower.bound(func)
    if len(bound) == 1:
        value = bound[0]
        if isinstance(value, ast.Lambda):
            return forms_of(value.body, follower.deeper()) or handed(value.body, follower.deeper())
        return handed(value, follower.deeper()) if is_partial(value) else ()
    if func.id in _ERRORS and follower.callable(func) is None:
        return handed(call, follower.deeper())
    found = follower.look_up(func)
    if is_a(found.value, functools.partial) and found.source is not None and len(found.bound) == 1:
        return compiled_in(handed(found.bound[0], follower.of_module(found.source)), found.source)
    return _made(follower.callable(func), follower, call, of)


def _made(exact: Any, follower: Follower, call: ast.Call, of: Told) -> tuple[Parts, ...]:
    made = _constructed(exact, follower, call)
    if made:
        return (*handed(call, follower), *made)
    return _of_function(exact, follower, of, call) or _kept(call, follower)


def _kept(call: ast.Call, follower: Follower) -> tuple[Parts, ...]:
    """Return what a lambda or a text's method makes that a module or class keeps: `late = "{} is late".format`."""
    value, inner = follower.kept(call.func) or (None, follower)
    if isinstance(value, ast.Call) and dotted(value.func) == "staticmethod" and value.args:
        value = value.args[0]
    forms: tuple[Parts, ...] = ()
    if isinstance(value, ast.Lambda):
        forms = forms_of(value.body, inner)
    elif isinstance(value, ast.Attribute):
        forms = forms_of(ast.Call(value, call.args, call.keywords), inner)
    return tuple(map(checked, forms))


def _of_function(
    function: Any, follower: Follower, of: Told, call: ast.Call | None = None, owner: Found | None = None
) -> tuple[Parts, ...]:
    defined = _definition(function, follower)
    return _from(defined, follower, of, call, owner) if defined is not None else ()


def _definition(function: Any, follower: Follower) -> _Defined | None:
    index = follower.readable(function.__module__) if type(function) is FunctionType else None
    node = index.functions.get(function.__qualname__) if index is not None else None
    return (index, node) if index is not None and node is not None else None


def _constructed(
    cls: Any, follower: Follower, call: ast.Call, classes: tuple[type, ...] | None = None
) -> tuple[Parts, ...]:
    """Return the forms of what an exception's constructor passes to its base: `super().__init__(TEXTS[kind])`."""
    if not is_a(cls, type) or not issubclass(cls, BaseException):
        return ()
    rest = cls.__mro__ if classes is None else classes
    at = next((at for at, base in enumerate(rest) if "__init__" in vars(base)), len(rest))
    defined = _definition(vars(rest[at]).get("__init__"), follower) if at < len(rest) else None
    if defined is None:
        return ()
    index, node = defined
    inner = follower.of_function(index, node, passed_to(node, call, follower, Found(cls, None, (), {})))
    nested_calls = (nested for nested in inner.body.nodes if isinstance(nested, ast.Call))
    passes = [nested for nested in nested_calls if name_of_called(nested.func) == "__init__"]
    forms = compiled_in((form for nested in passes for form in handed(nested, inner)), index)
    above = [form for nested in passes for form in _constructed(cls, inner, nested, rest[at + 1 :])]
    return (*forms, *above) if inner.is_own() else ()


def _from(
    defined: _Defined, follower: Follower, of: Told, call: ast.Call | None, owner: Found | None = None
) -> tuple[Parts, ...]:
    index, node = defined
    if any((dotted(decorator) or "").rpartition(".")[2] in _DISPATCHERS for decorator in node.decorator_list):
        return ()
    inner = follower.of_function(index, node, passed_to(node, call, follower, owner))
    found = compiled_in(of(inner), index)
    # Libraries' helpers compose much with little literal text, which would match anything: `f"{function} at {line}"`.
    return found if follower.is_own() else tuple(form for form in found if _length(form) >= _MIN_LITERAL_TEXT)


def _length(form: Parts) -> int:
    return sum(len(part.text) for part in form if isinstance(part, Piece))


def _methods(
    name: str, receiver: ast.expr, follower: Follower, of: Told, call: ast.Call | None = None
) -> tuple[Parts, ...]:
    """Return what methods of this name make, or properties without a call, for all classes of the module.

    An object's class is known only at run time. Any method that composes the text is accepted, because only text from
    the method's source leaves; one that returns a literal, if no other does: data may pick one of several classes.
    """
    # In an installed package, only methods that the running object calls on itself.
    is_wanted = follower.is_own() or dotted(receiver) == "self"
    index = follower.index() if is_wanted and not isinstance(receiver, ast.Constant) else None
    if index is None:
        return ()
    found: list[_Defined] = [(index, node) for node in index.methods.get(name, ())]
    for source, original in index.imports.values() if follower.is_own() else ():
        origin = follower.readable(source)
        node = origin.functions.get(f"{original}.{name}") if origin is not None else None
        if origin is not None and node is not None:
            found.append((origin, node))
    modules = [value.__name__ for value in index.module.values() if is_a(value, ModuleType)]
    for source in {*index.stars, *(modules if follower.is_own() else ())}:
        origin = follower.readable(source)
        found += [(origin, node) for node in origin.methods.get(name, ())] if origin is not None else []
    # A method that prints others of its kind makes endless texts.
    others = ((origin, node) for origin, node in found if node is not follower.function)
    wanted = [
        (origin, node)
        for origin, node in others
        if (call is None) != _PROPERTIES.isdisjoint(map(dotted, node.decorator_list))
    ]
    if not 0 < len(wanted) <= _MAX_METHODS:
        return ()
    made = [_from(defined, follower, of, call) for defined in wanted]
    forms = [form for each in made for form in each]
    return tuple(forms) if sum(len(composed(each)) < len(each) for each in made) <= 1 else composed(forms)


def returned(follower: Follower) -> tuple[Parts, ...]:
    """Return the forms of the text that a function returns, or passes to the object that it returns."""
    ends = follower.body.returned
    if len(ends) == 1:
        return () if ends[0] is None else forms_of(ends[0], follower) or handed(ends[0], follower)
    found = [() if end is None else forms_of(end, follower) for end in ends[: _MAX_RETURNS + 1]]
    if not all(found) or len(found) > _MAX_RETURNS:
        return ()
    forms = tuple(form for end in found for form in end)
    return forms if len(forms) - len(composed(forms)) <= _ARMS else ()


def composed(forms: Sequence[Parts]) -> tuple[Parts, ...]:
    """Return the forms that have values."""
    return tuple(form for form in forms if any(isinstance(part, Hole) for part in form))


def chosen(forms: Sequence[Parts], most: int = _ARMS) -> tuple[Parts, ...]:
    """Return forms among which data may choose: those with values, and literals if there are `most` at most."""
    with_values = composed(forms)
    literals = {
        "".join(part.text for part in form if isinstance(part, Piece)) for form in forms if form not in with_values
    }
    return tuple(forms) if len(literals) <= most else with_values


def handed(value: ast.expr, follower: Follower) -> tuple[Parts, ...]:
    """Return the texts among the arguments of a call to an exception's class or a partial, none if it chooses one."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, (ast.Name, ast.Attribute)):
        return ()
    if name_of_called(value.func) in CHOOSERS:
        return ()
    given = arguments_of(value)
    if is_partial(value) and value.args:
        # The method of a text that is called later: `partial("{} moved to {}".format, who)`.
        given[0] = ast.Call(value.args[0], [ast.Starred(ast.Constant(None))], value.keywords)
    return forms_of_each(given, follower)


def is_partial(value: ast.expr) -> bool:
    """Return whether an expression makes a partial."""
    return isinstance(value, ast.Call) and (dotted(value.func) or "").rpartition(".")[2] == "partial"
