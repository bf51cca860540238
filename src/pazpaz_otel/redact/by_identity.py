"""What is known of an application's objects, by identity: its log records, its exceptions.

Their classes may compare them, so that they can't be keys, or equal ones would be the same key. Nothing is written on
them, because an application may return, compare, dump or copy `vars(error)`.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any, Final, Generic, TypeVar

from pazpaz_otel.redact.fifo_cache import FifoCache

T = TypeVar("T")
V = TypeVar("V")
_LIMIT: Final = 1024


def _holders(entry: tuple[Any, object]) -> int:
    return sys.getrefcount(entry[0])


_ALONE: Final = _holders(({}, None))
"""The number of holders of fields whose object is gone: the entry alone."""


class ByIdentity(Generic[T, V]):
    """One value for each object, as long as the object lives."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[weakref.ref[Any], V]] = {}
        self._by_fields: FifoCache[int, tuple[dict[str, Any], V]] = FifoCache(_LIMIT)
        """Values of objects that can't be referenced weakly, such as a `ValueError`, with their `__dict__`.

        No later object of the same address has the same one. An object may be reached from its own fields, and then
        never ends while they are held here: hence the limit.
        """

    def get(self, key: T) -> V | None:
        """Return the object's value, or None."""
        held = self._held.get(id(key))
        if held is not None:
            return held[1] if held[0]() is key else None
        watched = self._by_fields.get(id(key))
        return watched[1] if watched is not None and watched[0] is key.__dict__ else None

    def keep(self, key: T, value: V) -> None:
        """Keep a value for the object, in place of another."""
        number = id(key)

        def forget(_: object) -> None:
            self._held.pop(number, None)

        try:
            self._held[number] = weakref.ref(key, forget), value
        except TypeError:
            for other, entry in self._by_fields.copy().items():
                if _holders(entry) == _ALONE:
                    self._by_fields.pop(other, None)
            self._by_fields.keep(number, (key.__dict__, value))
