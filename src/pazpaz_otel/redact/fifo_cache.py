"""A dictionary with a maximum size that discards its oldest entry, and functions that remember what they returned."""

from __future__ import annotations

import atexit
import functools
import weakref
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")
P = ParamSpec("P")

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


def remembering(
    limit: int, by: Callable[..., tuple[object, ...]] = lambda *args: args
) -> Callable[[Callable[P, V]], Callable[P, V]]:
    """Let a function remember what it returned, at most `limit` times.

    Args:
        limit: the maximum number of results.
        by: returns what a result depends on; by default, all arguments. Texts and numbers count by value. Other objects
            count by identity, because to hash a code object takes as long as the look-up saves, and are kept with the
            result, so that their ids stay unique.
    """

    def decorate(function: Callable[P, V]) -> Callable[P, V]:
        known: FifoCache[tuple[object, ...], tuple[tuple[object, ...], V]] = FifoCache(limit)

        @functools.wraps(function)
        def remembered(*args: P.args, **kwargs: P.kwargs) -> V:
            given = by(*args, **kwargs)
            key = tuple([one if type(one) in {str, int, bool} else id(one) for one in given])
            found = known.get(key) or known.keep(key, (given, function(*args, **kwargs)))
            return found[1]

        return remembered

    return decorate


class remembered_property(Generic[V]):  # noqa: N801 - as `property`
    """Let a property be computed once for each object, with no lock.

    Python 3.11's `functools.cached_property` has one for all objects: a child that is forked while another thread
    computes would wait for it forever.
    """

    def __init__(self, compute: Callable[[Any], V]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, owner: Any, _: type) -> V:
        """Return the value, which later look-ups find in the object itself."""
        found = owner.__dict__[self._compute.__name__] = self._compute(owner)
        return found


def empty_all() -> None:
    """Empty every cache: some refer to what the application made, which Python frees as the process ends."""
    for reference in _all.valuerefs():
        cache = reference()
        if cache is not None:
            cache.clear()


# Registered before the handlers that export, so it runs after them.
atexit.register(empty_all)
