"""The end of the batch processors' queues: all at once, within the deadline of the process's end.

The SDK ends them one after the other, and each waits for an export that is under way for as long as it takes.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.otel import ending

if TYPE_CHECKING:
    from collections.abc import Callable

_queues: Final[weakref.WeakKeyDictionary[Any, Callable[[], None]]] = weakref.WeakKeyDictionary()


def watch(queue: Any, give_up: Callable[[], None]) -> None:
    """Bound the end of a batch processor's queue.

    Args:
        queue: the SDK's own, behind its processor.
        give_up: is called when its end is over, to count what is left.
    """
    _queues[queue] = give_up


def wake() -> None:
    """Let each queue's own thread export all it holds; later items are refused, as by the SDK's shutdown."""
    for queue in list(_queues):
        queue._shutdown = True  # noqa: SLF001 - its `shutdown` would wait for each in turn
        queue._worker_awaken.set()  # noqa: SLF001


def empty() -> None:
    """Wait for the queues as long as the end of the process allows, and give up what is left."""
    wake()
    for queue, give_up in list(_queues.items()):
        ending.wait(queue._worker_thread, ending.LAST)  # noqa: SLF001 - a daemon, which no one else waits for
        queue._shutdown_timeout_exceeded = True  # noqa: SLF001 - its thread begins no other batch
        give_up()
