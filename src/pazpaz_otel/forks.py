"""What must be renewed in a forked process, and what a fork has to wait for.

A child has no thread but the one that forked: nobody releases a lock that another thread was holding, and what the
parent was about to send is the parent's. A module that another thread was importing stays half imported there, its lock
held forever: whoever imports it waits forever, the application's own code too.
"""

from __future__ import annotations

import inspect
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_LONGEST_WAIT: Final = 5.0
"""The seconds that a fork waits at most: the thread that forks may hold the lock of what is to be imported."""

_gate: Final = threading.Lock()
_fork: Final = threading.local()
_locks: Final[weakref.WeakSet[Any]] = weakref.WeakSet()


def lock() -> threading.Lock:
    """Return a lock that is free in a forked process.

    What it protects must be usable after every step of a change, because in a child the change may have stopped
    half-way.
    """
    made = threading.Lock()
    _locks.add(made)
    return made


def reentrant_lock() -> Any:
    """Return a `threading.RLock` that is free in a forked process; the same holds for what it protects."""
    made = threading.RLock()
    _locks.add(made)
    return made


def in_child(function: Callable[[], object]) -> None:
    """Call a function in each forked process; a bound method, as long as its object lives."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_while_living(function) if inspect.ismethod(function) else function)


def before(function: Callable[[], object]) -> None:
    """Call a function before each fork; a bound method, as long as its object lives."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_while_living(function) if inspect.ismethod(function) else function)


def around(before: Callable[[], object], in_parent: Callable[[], object], in_child: Callable[[], object]) -> None:
    """Call functions before each fork, and after it in either process."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)


def free_pools(manager: Any) -> None:
    """Release the locks of a copied `urllib3.PoolManager`, whose end would wait for them in a child.

    Args:
        manager: the manager; another release's may keep its pools elsewhere, and is left alone.
    """
    with suppress(AttributeError):
        manager.pools.lock._at_fork_reinit()  # noqa: SLF001
        for pool in list(manager.pools._container.values()):  # noqa: SLF001
            pool.pool.mutex._at_fork_reinit()  # noqa: SLF001


@contextmanager
def importing() -> Iterator[None]:
    """Import in a thread of our own; a fork waits until the block ends."""
    with _gate:
        yield


def _while_living(method: Callable[[], object]) -> Callable[[], None]:
    reference = weakref.WeakMethod(method)

    def call() -> None:
        living = reference()
        if living is not None:
            living()

    return call


def _before() -> None:
    _fork.holds = _gate.acquire(timeout=_LONGEST_WAIT)


def _after() -> None:
    if _fork.holds:
        _gate.release()


def _release_all() -> None:
    for held in (_gate, *_locks):
        held._at_fork_reinit()  # noqa: SLF001 - as `threading` and `logging` do with theirs


around(_before, _after, _release_all)
