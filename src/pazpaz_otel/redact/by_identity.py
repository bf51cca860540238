"""What is known of an application's objects, by identity: its log records, its exceptions.

Their classes may compare them, so that they can't be keys, or equal ones would be the same key. Nothing is written on
them, because an application may return, compare or copy `vars(error)`.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
V = TypeVar("V")
_REFERENCES: Final = 2
"""How many references there are to fields that only their object has, with that of the call that counts them."""


class _Fields(dict[str, Any]):
    """The `__dict__` of an object that can't be referenced weakly itself, such as a `ValueError`."""

    __slots__ = ("__weakref__",)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)


class ByIdentity(Generic[T, V]):
    """One value for each object, as long as the object lives."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[weakref.ref[Any], V]] = {}

    def get(self, key: T) -> V | None:
        """Return the object's value, or None."""
        held = self._held.get(id(key))
        if held is None:
            return None
        holder = held[0]()
        return held[1] if holder is key or (type(holder) is _Fields and holder is key.__dict__) else None

    def keep(self, key: T, value: V) -> None:
        """Keep a value for the object, in place of another; nothing is kept for one whose fields can't be watched."""
        number = id(key)

        def forget(_: object) -> None:
            self._held.pop(number, None)

        try:
            held: weakref.ref[Any] = weakref.ref(key, forget)
        except TypeError:
            if type(key.__dict__) is not _Fields:
                if sys.getrefcount(key.__dict__) > _REFERENCES:
                    # The application has it in hand, and may go on writing to it.
                    return
                key.__dict__ = _Fields(key.__dict__)
            held = weakref.ref(key.__dict__, forget)
        self._held[number] = held, value
