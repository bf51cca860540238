"""The end of a process, by an exit or by SIGTERM: what it still holds is exported first, within one deadline."""

from __future__ import annotations

import atexit
import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import _logs, metrics, trace

from pazpaz_otel import patches
from pazpaz_otel.otel import ending, queues

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_AT_ONCE: Final = 2.0
"""Seconds for which `os._exit` waits: who calls it wants to be gone."""
_also: list[Callable[[float], None]] = []
_merging: list[Callable[[], object]] = []


def flush_at_the_end(*also: Callable[[float], None]) -> None:
    """Export what is held when the process exits, or when SIGTERM would end it: Python runs no exit handlers then.

    uvicorn ends by the signal: after its graceful shutdown it raises it again, for the handler that was there before
    its own. A handler that is there already stays, and so does its responsibility. The providers' own exit handlers,
    which stand already, come after ours: they would wait without a bound.

    Args:
        also: what else is to be flushed, within the seconds that it is given.
    """
    _also.extend(also)
    atexit.register(_exit)
    patches.install("os.exit", _leaving)
    _handle()
    patches.install("gunicorn.signals", _handling)


def merge_before_exit(*steps: Callable[[], object]) -> None:
    """Call the steps before `os._exit`, which runs no exit handler: the first before the queues, others after them."""
    _merging[:] = steps


def allowance(asked: float) -> float:
    """Return how many of the seconds that a flush asks for it gets: all, until the process ends.

    Who flushes in an exit handler of its own begins the end: the queues are emptied meanwhile.
    """
    if not ending.begun():
        if not ending.is_over():
            return asked
        ending.begin()
        queues.wake()
    return max(0.0, min(asked, ending.remaining() - ending.LAST))


def _handle() -> None:
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _handling(original: Any) -> Callable[..., None]:
    # uvicorn's sets every signal back to its default, and ends by it once it has shut down; others keep their handlers.
    def init_signals(self: Any) -> None:
        original(self)
        _handle()

    return init_signals


def _terminate(number: int, _: FrameType | None) -> None:
    # gunicorn says it once a second to a worker that it replaces: again, while this one is at its last merge.
    signal.signal(number, lambda *_: None)
    # In a thread: the main one may have been stopped while it holds a lock that the export needs.
    try:
        flush = threading.Thread(target=_flush, daemon=True)
        flush.start()
        ending.wait(flush)
    finally:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


def _leaving(original: Any) -> Callable[[int], None]:
    def _exit(status: int) -> None:
        # In a thread: whoever exits may have been stopped while it holds a lock that the export needs.
        with contextlib.suppress(Exception):
            flush = threading.Thread(target=_leave, daemon=True)
            flush.start()
            flush.join(_AT_ONCE)
        original(status)

    return _exit


def _leave() -> None:
    # Without a ledger a forked child's totals hold its parent's, and aren't its to tell.
    for merge in _merging[:1]:
        with contextlib.suppress(Exception):
            merge()
    _empty()
    for merge in _merging[1:]:
        with contextlib.suppress(Exception):
            merge()


def _flush() -> None:
    _empty()
    # The metrics come after the queues, with what was lost there; processors of the application's own come last.
    for provider in (metrics.get_meter_provider(), trace.get_tracer_provider(), _logs.get_logger_provider()):
        with contextlib.suppress(Exception):
            provider.force_flush(int(ending.remaining() * 1000))  # type: ignore[union-attr]


def _exit() -> None:
    _empty()
    with contextlib.suppress(Exception):
        metrics.get_meter_provider().shutdown(int(ending.remaining() * 1000))  # type: ignore[attr-defined]


def _empty() -> None:
    ending.begin()
    queues.wake()
    for flush in _also:
        with contextlib.suppress(Exception):
            flush(allowance(ending.PATIENCE))
    queues.empty()
