"""How long the end of a process may take: a Collector that isn't there doesn't hold it up.

The SDK waits between attempts, for ten seconds a request and once for each signal, also when the process is about to
end; each restart of a development server would take as long.
"""

from __future__ import annotations

import atexit
import os
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 5.0
"""Seconds for which the end waits: half of what container runtimes grant."""

_DOUBT: Final = 2.0
"""Seconds for which it waits where an endpoint doesn't answer already: a server and its workers end one by one."""

_SILENT: Final = 1.0
"""Seconds without an answer that are a silence, if the endpoint hasn't been as slow before."""

_LAST: Final = 1.0
"""Seconds that the queues leave to what is sent after them."""

_MARGIN: Final = 0.5
"""Seconds by which an export ends before the wait for it, so that its failure is counted."""

_MANY: Final = 3
"""How many times its usual time makes an answer one that doesn't come."""

_TRIES: Final = 3
"""How often a list that another thread grows is read."""

_LEAST: Final = 0.01
"""Seconds: a connection can't be tried in none."""


class _Calls:
    """What became of one client's exports."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.failed = False
        self.usual = 0.0

    def done(self, result: Any) -> None:
        began, self.began = self.began, None
        answered = getattr(result, "success", False)
        # An endpoint that refuses says so at once: nothing waits for it.
        self.failed = not answered and getattr(result, "status_code", None) is None
        if began is not None and answered:
            self.usual = time.monotonic() - began

    @property
    def silent(self) -> bool:
        began = self.began
        return self.failed or (began is not None and time.monotonic() - began > max(_SILENT, _MANY * self.usual))


class _End:
    def __init__(self) -> None:
        self.deadline: float | None = None
        self.clients: weakref.WeakKeyDictionary[Any, _Calls] = weakref.WeakKeyDictionary()
        self.queues: weakref.WeakKeyDictionary[Any, Callable[[int], None]] = weakref.WeakKeyDictionary()

    @property
    def remaining(self) -> float:
        return patience() if self.deadline is None else max(_LEAST, self.deadline - time.monotonic())


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


def patience() -> float:
    """Return the seconds for which the end waits in all: fewer where an endpoint doesn't answer already."""
    return _DOUBT if any(calls.silent for _, calls in _clients()) else PATIENCE


def begun() -> bool:
    """Return whether the process ends."""
    return _end.deadline is not None


def remaining() -> float:
    """Return the seconds that are left of an end that has begun; else those that it would have."""
    return _end.remaining


def begin() -> None:
    """Make each export try once from now on, and end the waits between attempts."""
    if _end.deadline is None:
        _end.deadline = time.monotonic() + patience()
    for client, _ in _clients():
        client._shutdown_event.set()  # noqa: SLF001 - what its waits between attempts listen to


def _clients() -> list[tuple[Any, _Calls]]:
    """Return the clients that have exported; another thread may add one meanwhile."""
    for _ in range(_TRIES):
        try:
            return list(_end.clients.items())
        except RuntimeError:
            continue
    return []


def _exporting(original: Any) -> Callable[..., Any]:
    def export(self: Any, data: bytes) -> Any:
        calls = _end.clients.setdefault(self, _Calls())
        if _end.deadline is not None:
            self._shutdown_event.set()
            self._timeout = min(self._timeout, max(_LEAST, _end.remaining - _MARGIN))
        calls.began = time.monotonic()
        result = None
        try:
            result = original(self, data)
            return result
        finally:
            calls.done(result)

    return export


def _empty() -> None:
    begin()
    for queue, lost in list(_end.queues.items()):
        queue.shutdown(timeout_millis=int(max(_LEAST, _end.remaining - _LAST) * 1000))
        left = len(queue._queue)  # noqa: SLF001 - what its thread didn't come to
        if left:
            lost(left)


def _after_fork() -> None:
    # The parent's calls and its end are its own: one that is under way there never ends here.
    _end.deadline = None
    _end.clients = weakref.WeakKeyDictionary()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
