"""A dictionary with a maximum size that discards its oldest entry."""

from __future__ import annotations

import atexit
import weakref
from typing import Any, Final, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_all: Final[weakref.WeakValueDictionary[int, FifoCache[Any, Any]]] = weakref.WeakValueDictionary()
"""Each cache by its id: a list would be searched for every cache that is freed, and a guard has hundreds."""


class FifoCache(dict[K, V]):
    """A cache with a limited number of entries; reading is a plain dictionary look-up, writing never blocks or raises.

    Threads may share it: each step is atomic, and a race loses one entry or keeps one too many, nothing more. A lock
    would have to be recreated in every forked worker.
    """

    __slots__ = ("__weakref__", "limit")

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        _all[id(self)] = self

    def keep(self, key: K, value: V) -> V:
        """Store `value` under `key`, and return it."""
        while len(self) >= self.limit and self.discard_oldest():
            pass
        self[key] = value
        return value

    def discard_oldest(self) -> bool:
        """Discard the oldest entry; return False if there is none, or if another thread is changing the cache."""
        try:
            self.pop(next(iter(self)), None)
        except (StopIteration, RuntimeError):
            return False
        return True


def empty_all() -> None:
    """Empty every cache: some refer to what the application made, which Python frees as the process ends."""
    for reference in _all.valuerefs():
        cache = reference()
        if cache is not None:
            cache.clear()


# Registered before the handlers that export, so it runs after them.
atexit.register(empty_all)
