"""Bound how many names are resolved for one place, because what a name refers to branches at each step."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Steps(threading.local):
    left: float = float("inf")


_steps = _Steps()


@contextmanager
def of(steps: int) -> Iterator[None]:
    """Allow so many steps in this thread, for the length of a `with` block."""
    before, _steps.left = _steps.left, steps
    try:
        yield
    finally:
        _steps.left = before


def take() -> bool:
    """Use up one step, and return whether there was one."""
    _steps.left -= 1
    return _steps.left >= 0
