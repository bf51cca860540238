"""Which literals a running function was given: by its call, its definition, or its object's class."""

from __future__ import annotations

import ast
from http import HTTPStatus
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.fifo_cache import remembering
from pazpaz_otel.redact.provenance.arguments import OWNERS, positional, written_for
from pazpaz_otel.redact.provenance.bindings import parameters_of
from pazpaz_otel.redact.provenance.following import class_attribute
from pazpaz_otel.redact.provenance.forms import Form, Piece, has_word
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.function_body import body_of
from pazpaz_otel.redact.provenance.held import applied_to
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.resolving import name_of_called
from pazpaz_otel.redact.provenance.samples import is_sample
from pazpaz_otel.redact.provenance.source import locate, strings_of
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

    from pazpaz_otel.redact.provenance.calls import Function
    from pazpaz_otel.redact.provenance.places import Spot

_SELF: Final = "self."
_INSIDE: Final = ".<locals>."
_STANDARD: Final = {
    "status_code": frozenset(str(status.value) for status in HTTPStatus),
    **dict.fromkeys(("reason_phrase", "reason"), frozenset(status.phrase for status in HTTPStatus)),
}
"""What HTTP's own vocabulary says of a response, by the names that clients give it."""
_NONE: Final[Mapping[str, str]] = {}


class Called(NamedTuple):
    """A function that was called.

    Attributes:
        code: its code.
        module: its globals.
        owner: the class of the object whose method it is.
        wrapped: the functions that it holds, as a decorator's does.
    """

    code: CodeType
    module: dict[str, Any]
    owner: type
    wrapped: tuple[FunctionType, ...] = ()


def called_at(spot: Spot) -> Called:
    """Return the function that is running at a place."""
    is_method, free = spot.code.co_varnames[:1] == ("self",), spot.code.co_freevars
    held = values_in(spot.frame) if is_method or free else {}
    wrapped = tuple(held[name] for name in free if type(held.get(name)) is FunctionType)
    return Called(spot.code, spot.module, type(held.get("self")) if is_method else type(None), wrapped)


def constructor_of(cls: type) -> Called | None:
    """Return the constructor of a class that is written in Python."""
    found = next((vars(base)["__init__"] for base in cls.__mro__ if "__init__" in vars(base)), None)
    return Called(found.__code__, found.__globals__, cls) if type(found) is FunctionType else None


def with_constants(
    template: str | None, form: Form, text: str, called: Called, caller: Spot
) -> tuple[str | None, Form]:
    """Return a template with the literals that its function was given, and the form that has them.

    Args:
        template: what leaves so far; None if that has no word.
        form: the form that `text` matches.
        text: the composed text.
        called: the function that composes the form.
        caller: the place that called it.
    """
    labels = form.handed.labels if form.handed is not None else ()
    for hole, (label, value) in reversed(list(enumerate(zip(labels, form.divide(text)[0], strict=bool(labels))))):
        if label is None:
            continue
        standard = _STANDARD.get(label.rpartition(".")[2], frozenset())
        if value in standard or (has_word(value) and _is_constant(label, value, called, caller)):
            literal = (Piece(value, value),)
            if value in standard or not is_sample(literal):
                template = (form.template if template is None else template).replace(f"{{{label}}}", value, 1)
                form = form.holding(Form(literal), hole, template)
    return template, form


def _is_constant(label: str, value: str, called: Called, caller: Spot) -> bool:
    """Return whether the source passes this very text as a parameter, or as an attribute of the object's own class."""
    if not label.startswith(_SELF):
        return given_to(called, caller).get(label) == value
    found = class_attribute(called.owner, label.removeprefix(_SELF))
    return (value,) in [tuple(part.text for part in parts if isinstance(part, Piece)) for parts in found]


@remembering(
    2048,
    lambda called, caller: (
        *(caller.lasti, called.code, caller.code),
        *(function.__code__ for function in called.wrapped),
    ),
)
def given_to(called: Called, caller: Spot) -> Mapping[str, str]:
    """Return the parameters of a place's function that a literal of its definition or its call is the value of."""
    if is_installed(called.code.co_filename):
        return _NONE
    try:
        return _given(called, caller)
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return _NONE


def _given(called: Called, caller: Spot) -> Mapping[str, str]:
    index = index_of(str(called.module.get("__name__")))
    located = locate(caller.code, caller.lasti, caller.module)
    if index is None or located is None:
        return _NONE
    nodes: list[ast.AST] = list(located.nodes)
    proven = index.strings | strings_of(caller.code)
    outer = called.code.co_qualname.split(_INSIDE)
    if len(outer) > 1:
        # A closure holds what the functions around it were given, by a decorator or where its name is bound.
        places = [applied_to(function) for function in called.wrapped]
        places += [(index_of(str(caller.module.get("__name__"))), _bound_in(nodes, caller, located.function))]
        for source, written in places:
            nodes.extend(written)
            proven |= source.strings if source is not None else frozenset()
    given: dict[str, Any] = {}
    for depth in range(len(outer)):
        function = index.functions.get(_INSIDE.join(outer[: depth + 1]))
        if function is not None:
            # A class's call runs its constructor.
            names = {function.name, called.owner.__name__ if function.name == "__init__" else function.name}
            walked = (call for node in nodes for call in ast.walk(node) if isinstance(call, ast.Call))
            calls = {id(call): call for call in walked if name_of_called(call.func) in names}
            given |= {name: _constant(default) for name, default in parameters_of(function.args)}
            given |= _arguments(function, *calls.values()) if len(calls) == 1 else {}
    return {name: value for name, value in given.items() if type(value) is str and value in proven}


def _bound_in(nodes: list[ast.AST], caller: Spot, function: Function | None) -> list[ast.expr]:
    """Return what the names that a statement calls are bound to."""
    index, local = index_of(str(caller.module.get("__name__"))), body_of(function).bindings
    called = (call.func for node in nodes for call in ast.walk(node) if isinstance(call, ast.Call))
    names = {func.id for func in called if isinstance(func, ast.Name)}
    bound = (local.get(name) or (index.names.get(name, ()) if index is not None else ()) for name in names)
    return [value for values in bound for value in values]


def _arguments(function: Function, call: ast.Call) -> dict[str, Any]:
    names = positional(function)
    given = written_for(names[names[:1] in OWNERS :], call)
    return {name: _constant(value) for name, value in given.items()}


def _constant(node: ast.expr | None) -> Any:
    return node.value if isinstance(node, ast.Constant) else None
