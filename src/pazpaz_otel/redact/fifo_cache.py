"""A dictionary that never grows past its limit: the oldest entry makes room for the newest."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FifoCache(dict[K, V]):
    """A cache with a limit on its entries. Reading is a plain dictionary look-up; writing never blocks or raises.

    Threads may share it: each step is atomic, and a lost race costs one entry or leaves one too many, nothing else.
    A lock would have to be remade in every forked worker.
    """

    __slots__ = ("limit",)

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def keep(self, key: K, value: V) -> V:
        """Store `value` under `key`, and give it back."""
        while len(self) >= self.limit:
            try:
                oldest = next(iter(self))
            except (StopIteration, RuntimeError):
                break
            self.pop(oldest, None)
        self[key] = value
        return value
