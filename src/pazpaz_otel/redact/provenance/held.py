"""What the objects in a frame prove: attributes of its class, names and decorators of functions that it holds."""

from __future__ import annotations

import ast
import inspect
from contextlib import suppress
from itertools import islice
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import remembering
from pazpaz_otel.redact.provenance.assigned import assigned_attribute
from pazpaz_otel.redact.provenance.code_index import is_a
from pazpaz_otel.redact.provenance.composition import forms_of_each
from pazpaz_otel.redact.provenance.following import Follower, class_attribute, follower_of
from pazpaz_otel.redact.provenance.forms import Piece, compiled_into
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.lookups import name_of
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.module_index import module_proven
from pazpaz_otel.redact.provenance.passed_tables import picks_outer
from pazpaz_otel.redact.provenance.places import NO_TEXTS, Texts
from pazpaz_otel.redact.provenance.resolving import NAMES, dotted
from pazpaz_otel.redact.provenance.source import locate, strings_of
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

    from pazpaz_otel.redact.provenance.forms import Parts
    from pazpaz_otel.redact.provenance.places import Spot
    from pazpaz_otel.redact.provenance.source_index import SourceIndex

_MAX_VALUES: Final = 64
_OWN_CLASS: Final = "type(self)"
_SELF: Final = frozenset({("self",), ("cls",)})


def held_texts(spot: Spot, text: str) -> Iterable[Texts]:
    """Yield the texts that a frame's objects prove.

    Args:
        spot: the frame's place.
        text: the text to prove; the names of functions count only if it is one.
    """
    told, has_self = _held_in(spot.code)
    return _held(spot, text, told, has_self=has_self) if told is not None else ()


@remembering(4096)
def _held_in(code: CodeType) -> tuple[frozenset[str] | None, bool]:
    """Return which names of functions code asks for, None if its objects prove nothing, and whether it has a self."""
    told = NAMES.intersection(code.co_names)
    has_self = code.co_varnames[:1] in _SELF
    # The names of a module or class body are its own, not a caller's.
    holds = (told or code.co_freevars or has_self) and code.co_flags & inspect.CO_NEWLOCALS
    return told if holds else None, has_self


def _held(spot: Spot, text: str, told: frozenset[str], *, has_self: bool) -> Iterator[Texts]:
    code = spot.code
    values = dict(values_in(spot.frame))
    if has_self and (first := values.get(code.co_varnames[0])) is not None:
        values[_OWN_CLASS] = first if is_a(first, type) else type(first)
        yield _class_texts(code, values[_OWN_CLASS])
    for name in code.co_freevars:
        value = values.get(name)
        if type(value) is FunctionType:
            if not picks_outer(spot):
                yield _decorator_texts(value)
            names = list(_names(value, text))
            if names:
                yield Texts(names)
    for attribute in told:
        yield Texts(
            parts
            for value in islice(values.values(), _MAX_VALUES)
            if is_a(value, (FunctionType, MethodType, type)) and getattr(value, attribute, None) == text
            for parts in name_of(value, attribute)
        )


def _names(function: FunctionType, text: str) -> Iterator[Parts]:
    """Yield the name of a function that a wrapper holds, unqualified and with its module."""
    for attribute in NAMES:
        name, module = getattr(function, attribute), function.__module__
        if text.endswith(name) and text in {name, f"{module}.{name}"} and module_proven(module):
            for _ in name_of(function, attribute):
                yield (Piece(text, text, checked=True),)


@remembering(1024, lambda spot: (spot.code,))
def notes_in(spot: Spot) -> tuple[Parts, ...]:
    """Return the texts that a frame's function adds to exceptions as notes."""
    found: list[Parts] = []
    if "add_note" in spot.code.co_names:
        with suppress(SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
            located = locate(spot.code, spot.lasti, spot.module, whole=True)
            follower = follower_of(spot.module, located.function if located else None)
            calls = [inner for node in located.nodes for inner in ast.walk(node)] if located else []
            texts = [
                argument
                for call in calls
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add_note"
                for argument in call.args
            ]
            strings = strings_of(spot.code)
            found = [parts for parts in texts_in(texts, follower, 1) if compiled_into(parts, strings)]
    return tuple(found)


@remembering(1024)
def _class_texts(code: CodeType, cls: type) -> Texts:
    return Texts(
        parts for name in code.co_names for parts in (*class_attribute(cls, name), *assigned_attribute(cls, name))
    )


def applied_to(function: FunctionType) -> tuple[SourceIndex | None, list[ast.expr]]:
    """Return the decorators of a loaded function, with the module they are in."""
    index = index_of(function.__module__)
    node = index.functions.get(function.__qualname__) if index is not None else None
    if index is None or node is None:
        return None, []
    # Or written out, at module level: `nightly = traced("nightly clean-up")(_nightly)`.
    bound = [value for values in index.names.values() for value in values]
    calls = (value for value in bound if isinstance(value, ast.Call))
    applied = [call for call in calls if function.__name__ in map(dotted, call.args)]
    return index, [*node.decorator_list, *applied]


@remembering(1024, lambda function: (function.__code__,))
def _decorator_texts(function: FunctionType) -> Texts:
    """Return the texts in the decorators of a loaded function."""
    index, applied = applied_to(function)
    if index is None:
        return NO_TEXTS
    follower = Follower(index.module, {})
    constants = [inner for decorator in applied for inner in ast.walk(decorator) if isinstance(inner, ast.expr)]
    return Texts(form for form in forms_of_each(constants, follower) if compiled_into(form, index.strings))
