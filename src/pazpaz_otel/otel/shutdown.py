"""The end of a process that is told to end: what it still holds is exported first."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import _logs, metrics, trace

from pazpaz_otel import patches
from pazpaz_otel.otel import ending

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_GUNICORN_WORKERS: Final = ("uvicorn.workers", "uvicorn_worker")
"""Modules with gunicorn's worker class for uvicorn."""
_also: list[Callable[[], None]] = []


def flush_when_terminated(*also: Callable[[], None]) -> None:
    """Exports what is held when SIGTERM would end the process: Python runs no exit handlers then.

    uvicorn ends that way: after its graceful shutdown it raises the signal again, for the handler that was there
    before its own. A handler that is there already stays, and so does its responsibility.

    Args:
        also: what else is to be flushed, each within a bounded time of its own.
    """
    _also.extend(also)
    _handle()
    for worker in _GUNICORN_WORKERS:
        patches.install(f"{worker}.signals", _handling)


def _handle() -> None:
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _end)


def _handling(original: Any) -> Callable[..., None]:
    # A worker sets every signal back to its default, and ends by it once uvicorn has shut down.
    def init_signals(self: Any) -> None:
        original(self)
        _handle()

    return init_signals


def _end(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    # In a thread: the main one may have been stopped while it holds a lock that the export needs.
    try:
        flush = threading.Thread(target=_flush, daemon=True)
        flush.start()
        flush.join(ending.patience())
    finally:
        signal.raise_signal(number)


def _flush() -> None:
    ending.begin()
    providers: tuple[Any, ...] = (
        metrics.get_meter_provider(),
        trace.get_tracer_provider(),
        _logs.get_logger_provider(),
    )
    for provider in providers:
        with contextlib.suppress(Exception):
            provider.force_flush(int(ending.remaining() * 1000))
    for flush in _also:
        with contextlib.suppress(Exception):
            flush()
