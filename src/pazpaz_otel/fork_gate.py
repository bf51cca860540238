"""Keep a thread's imports out of the way of forks.

A child has no thread but the one that forked. What another thread was importing stays half imported in the child, its
lock held forever: whoever imports it there waits forever, the application's own code too.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_WAIT: Final = 5.0
"""The seconds that a fork waits at most: the thread that forks may hold the lock of what is to be imported."""

_gate: Final = threading.Lock()
_fork: Final = threading.local()


@contextmanager
def importing() -> Iterator[None]:
    """Import in a thread of our own; a fork waits until the block ends."""
    with _gate:
        yield


def _before() -> None:
    _fork.holds = _gate.acquire(timeout=_LONGEST_WAIT)


def _after() -> None:
    if _fork.holds:
        _gate.release()


def _in_child() -> None:
    _gate._at_fork_reinit()  # type: ignore[attr-defined] # noqa: SLF001 - as `threading` does with its own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
