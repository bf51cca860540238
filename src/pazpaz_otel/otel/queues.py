"""Shut down the batch processors' queues at the same time, within the deadline of the process's end.

The SDK shuts them down one after the other, and each waits for an export in progress as long as it takes.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.otel import exit_deadline

if TYPE_CHECKING:
    from collections.abc import Callable

_queues: Final[weakref.WeakKeyDictionary[Any, Callable[[], None]]] = weakref.WeakKeyDictionary()


def watch(queue: Any, give_up: Callable[[], None]) -> None:
    """Limit how long a batch processor's queue takes to shut down.

    Args:
        queue: the SDK's queue behind its processor.
        give_up: called when the time is over, to count what is left.
    """
    _queues[queue] = give_up


def wake() -> None:
    """Let each queue's own thread export everything it holds; later items are rejected, as by the SDK's shutdown."""
    for queue in list(_queues):
        queue._shutdown = True  # noqa: SLF001 - its `shutdown` would wait for each in turn
        queue._worker_awaken.set()  # noqa: SLF001


def empty() -> None:
    """Wait for the queues as long as the process's end allows, and give up what is left."""
    wake()
    for queue, give_up in list(_queues.items()):
        exit_deadline.wait(queue._worker_thread, exit_deadline.METRICS_RESERVE)  # noqa: SLF001 - a daemon thread that nobody else waits for
        queue._shutdown_timeout_exceeded = True  # noqa: SLF001 - its thread starts no further batch
        give_up()
