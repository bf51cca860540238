"""How long the end of a process may take: a Collector that isn't there doesn't hold it up.

The SDK waits between attempts, for ten seconds a request and once for each signal, also when the process is about to
end; each restart of a development server would take as long.
"""

from __future__ import annotations

import atexit
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 5.0
"""Seconds for which the end waits: half of what container runtimes grant."""

_MARGIN: Final = 0.5
"""Seconds by which an export ends before the wait for it, so that its failure is counted."""

_LEAST: Final = 0.01
"""Seconds: a connection can't be tried in none."""


class _End:
    def __init__(self) -> None:
        self.deadline: float | None = None
        self.clients: weakref.WeakSet[Any] = weakref.WeakSet()
        self.queues: weakref.WeakKeyDictionary[Any, Callable[[int], None]] = weakref.WeakKeyDictionary()

    @property
    def remaining(self) -> float:
        return PATIENCE if self.deadline is None else max(_LEAST, self.deadline - time.monotonic())


_end: Final = _End()


def bound() -> None:
    """Let OTLP over HTTP know when the process ends, and each queue be emptied within the time that is left."""
    patches.install("otlp.client", _exporting)


def empty_first() -> None:
    """Empty the queues before the providers' own exit handlers, which stand already, wait for them without a bound."""
    atexit.register(_empty)


def watch(queue: Any, lost: Callable[[int], None]) -> None:
    """Bound the end of a batch processor's queue.

    Args:
        queue: the SDK's own, behind its processor.
        lost: is told how many items were left when the time was over.
    """
    _end.queues[queue] = lost


def begin() -> None:
    """Make each export try once from now on, and end the waits between attempts."""
    if _end.deadline is None:
        _end.deadline = time.monotonic() + PATIENCE
    for client in list(_end.clients):
        client._shutdown_event.set()  # noqa: SLF001 - what its waits between attempts listen to


def _exporting(original: Any) -> Callable[..., Any]:
    def export(self: Any, data: bytes) -> Any:
        _end.clients.add(self)
        if _end.deadline is not None:
            self._shutdown_event.set()
            self._timeout = min(self._timeout, max(_LEAST, _end.remaining - _MARGIN))
        return original(self, data)

    return export


def _empty() -> None:
    begin()
    for queue, lost in list(_end.queues.items()):
        queue.shutdown(timeout_millis=int(_end.remaining * 1000))
        left = len(queue._queue)  # noqa: SLF001 - what its thread didn't come to
        if left:
            lost(left)
