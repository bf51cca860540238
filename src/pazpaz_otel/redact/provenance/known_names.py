"""The identifiers and classes in the code that raised, which Python's own messages may be filled with."""

from __future__ import annotations

import builtins
import types
from contextlib import suppress
from itertools import islice
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.fifo_cache import remembered_property
from pazpaz_otel.redact.provenance.code_index import identifiers_of, imported, is_a
from pazpaz_otel.redact.provenance.frame_values import values_in
from pazpaz_otel.redact.provenance.lookups import simple_name
from pazpaz_otel.redact.provenance.module_index import class_name, class_name_proven

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pazpaz_otel.redact.provenance.places import Spot

_MAX_SPOTS: Final = 6
"""How many of the innermost frames are searched."""
_MAX_VALUES: Final = 256
_BUILT_IN: Final = frozenset(
    cls.__name__ for module in (builtins, types) for cls in vars(module).values() if is_a(cls, type)
) | {"dict_keys", "dict_values", "dict_items", "str_iterator", "list_iterator", "tuple_iterator", "set_iterator"}
_WORDS: Final = frozenset(
    name for cls in (object, type, int, str, dict, list, types.CoroutineType) for name in vars(cls)
) | frozenset(vars(builtins))


class KnownNames:
    """The names in an exception's frames.

    Args:
        exc: the exception.
        spots: where it was raised, innermost first.
    """

    def __init__(self, exc: BaseException, spots: Sequence[Spot]) -> None:
        self._exc = exc
        self._spots = spots[:_MAX_SPOTS]

    def has_name(self, name: str) -> bool:
        """Return whether `name` is an identifier in the code that raised, or in what that code calls."""
        return name in _WORDS or name in self._names

    def has_type(self, name: str) -> bool:
        """Return whether the code that raised holds or refers to a class of this name."""
        if name in _BUILT_IN or class_name_proven(name):
            return True
        return any(
            name in {simple_name(cls), cls.__qualname__} and class_name(cls) is not None for cls in self._classes
        )

    @remembered_property
    def _names(self) -> set[str]:
        found = {name for code, module in self._codes() for name in identifiers_of(code, module)}
        for spot in self._spots:
            module = _name_of(spot.module)
            found.update(module.split(".") if imported(module) else ())
        return found

    def _codes(self) -> Iterator[tuple[CodeType, str]]:
        """Yield the code that raised and what it may have called, with the names of their modules."""
        for spot in self._spots:
            yield spot.code, _name_of(spot.module)
            called = set(spot.code.co_names)
            for value in self._values(spot):
                if is_a(value, FunctionType):
                    yield value.__code__, _name_of(value.__globals__)
                    continue
                cls = value if is_a(value, type) else type(value)
                if class_name(cls) is None:
                    continue
                for base in cls.__mro__[:-1]:
                    for name, member in vars(base).items():
                        function = getattr(member, "__func__", member)
                        if is_a(function, FunctionType) and (name in called or name in {"__init__", "__new__"}):
                            yield function.__code__, base.__module__

    @remembered_property
    def _classes(self) -> list[type]:
        found = []
        for spot in self._spots:
            for value in self._values(spot):
                if is_a(value, type):
                    found.append(value)
                elif not is_a(value, ModuleType):
                    found.append(type(value))
                    inner = None
                    with suppress(Exception):  # a proxy's attribute
                        inner = value.__dict__
                    if type(inner) is dict:
                        found.extend(type(attribute) for attribute in islice(inner.values(), _MAX_VALUES))
        told = getattr(self._exc, "obj", None)
        return [*found, type(told), *([told] if is_a(told, type) else [])]

    @staticmethod
    def _values(spot: Spot) -> Iterator[Any]:
        """Yield the values of the names in a frame's code."""
        yield from islice(list(values_in(spot.frame).values()), _MAX_VALUES)
        for name in spot.code.co_names:
            value = spot.module.get(name)
            if value is not None and not is_a(value, ModuleType):
                yield value
            elif is_a(value, ModuleType):
                for inner in spot.code.co_names:
                    member = value.__dict__.get(inner)
                    if is_a(member, (FunctionType, type)):
                        yield member


def _name_of(module: dict[str, Any]) -> str:
    return str(module.get("__name__"))
