"""A dictionary with a maximum size that discards its oldest entry."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FifoCache(dict[K, V]):
    """A cache with a limited number of entries; reading is a plain dictionary look-up, writing never blocks or raises.

    Threads may share it: each step is atomic, and a race loses one entry or keeps one too many, nothing more. A lock
    would have to be recreated in every forked worker.
    """

    __slots__ = ("limit",)

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def keep(self, key: K, value: V) -> V:
        """Store `value` under `key`, and return it."""
        while len(self) >= self.limit:
            try:
                oldest = next(iter(self))
            except (StopIteration, RuntimeError):
                break
            self.pop(oldest, None)
        self[key] = value
        return value
