"""Protect a ledger across forks."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


def survive_forks(holding: Callable[[], AbstractContextManager[None]], in_child: Callable[[], None]) -> None:
    """Enter `holding` around each fork, and call `in_child` in the child."""
    if not hasattr(os, "register_at_fork"):
        return
    # By thread, because several may fork at the same time.
    held = threading.local()

    def before() -> None:
        context = holding()
        context.__enter__()
        held.context = context

    def in_parent() -> None:
        held.context.__exit__(None, None, None)

    def child() -> None:
        # Its end would release what `in_child` has replaced.
        del held.context
        in_child()

    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=child)
