"""The identifiers and classes in the code that raised, which Python's own messages may be filled with."""

from __future__ import annotations

import builtins
import types
from functools import cached_property
from itertools import islice
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.module_index import class_name, class_name_proven
from pazpaz_otel.redact.provenance.source import strings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pazpaz_otel.redact.provenance.places import Spot

_MAX_SPOTS: Final = 6
"""How many of the innermost frames are searched."""
_MAX_VALUES: Final = 256
_BUILT_IN: Final = frozenset(
    cls.__name__ for module in (builtins, types) for cls in vars(module).values() if isinstance(cls, type)
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
        return any(name in {cls.__name__, cls.__qualname__} and class_name(cls) is not None for cls in self._classes)

    @cached_property
    def _names(self) -> set[str]:
        found: set[str] = set()
        for code in self._codes():
            found.update(code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
            found.update(code.co_qualname.split("."))
            found.update(filter(str.isidentifier, strings_of(code)))
        for spot in self._spots:
            found.update(str(spot.module.get("__name__", "")).split("."))
        return found

    def _codes(self) -> Iterator[CodeType]:
        for spot in self._spots:
            yield spot.code
            called = set(spot.code.co_names)
            for value in self._values(spot):
                if isinstance(value, FunctionType):
                    yield value.__code__
                    continue
                cls = value if isinstance(value, type) else type(value)
                if class_name(cls) is None:
                    continue
                for base in cls.__mro__[:-1]:
                    for name, member in vars(base).items():
                        function = getattr(member, "__func__", member)
                        if isinstance(function, FunctionType) and (name in called or name in {"__init__", "__new__"}):
                            yield function.__code__

    @cached_property
    def _classes(self) -> list[type]:
        found = []
        for spot in self._spots:
            for value in self._values(spot):
                if isinstance(value, type):
                    found.append(value)
                elif not isinstance(value, ModuleType):
                    found.append(type(value))
                    inner = getattr(value, "__dict__", None)
                    if type(inner) is dict:
                        found.extend(type(attribute) for attribute in islice(inner.values(), _MAX_VALUES))
        told = getattr(self._exc, "obj", None)
        return [*found, type(told), *([told] if isinstance(told, type) else [])]

    @staticmethod
    def _values(spot: Spot) -> Iterator[Any]:
        """Yield the values of the names in a frame's code."""
        yield from islice(spot.frame.f_locals.values(), _MAX_VALUES)
        for name in spot.code.co_names:
            value = spot.module.get(name)
            if value is not None and not isinstance(value, ModuleType):
                yield value
            elif isinstance(value, ModuleType):
                for inner in spot.code.co_names:
                    member = value.__dict__.get(inner)
                    if isinstance(member, (FunctionType, type)):
                        yield member
