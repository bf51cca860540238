"""Export what a process still holds when it exits or receives SIGTERM, within one deadline."""

from __future__ import annotations

import atexit
import contextlib
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from opentelemetry import _logs, metrics, trace

from pazpaz_otel import forks, patches
from pazpaz_otel.otel import delivery, exit_deadline, workers

_EXIT_SECONDS: Final = 2.0
"""How long `os._exit` may wait, in seconds; its callers expect it to be immediate."""
_UNANSWERED_EXIT_SECONDS: Final = 0.2
"""The same if an endpoint answered nothing before: the processes of a pool end often, and each would wait."""
_also: list[Callable[[float], None]] = []
_merge_steps: list[Callable[[], object]] = []
_mask: Final = threading.local()


def flush_at_the_end(*also: Callable[[float], None]) -> None:
    """Export what is held when the process exits, or when SIGTERM kills it, for which Python runs no exit handlers.

    After its graceful shutdown, uvicorn raises the signal again for the handler that was there before its own. An
    existing handler is kept, and stays responsible. The providers' exit handlers, which were registered earlier, run
    after ours; alone, they would wait without a limit.

    Args:
        also: further functions to call, with the number of seconds they may take.
    """
    _also.extend(also)
    atexit.register(_stay_interrupted)
    atexit.register(_exit)
    patches.install("os.exit", _leaving)
    _handle()
    patches.install("gunicorn.signals", _handling)
    forks.around(_block, _unblock, _unblock_in_child)


def finish_first(thread: threading.Thread) -> None:
    """Wait for a thread that exports, before the queues, when the process exits or receives SIGTERM."""
    _also.append(thread.join)


def merge_before_exit(*steps: Callable[[], object]) -> None:
    """Call the steps before `os._exit`, which runs no exit handlers: the first before the queues, the rest after."""
    _merge_steps[:] = steps


def allowance(asked: float) -> float:
    """Return how many of the seconds that a flush requests it may use: all, until the process ends.

    A flush in the application's own exit handler starts the end, and the queues are emptied meanwhile.
    """
    if not exit_deadline.has_begun():
        if not exit_deadline.is_over():
            return asked
        exit_deadline.begin()
        delivery.wake()
    return max(0.0, min(asked, exit_deadline.remaining() - exit_deadline.METRICS_RESERVE))


def _handle() -> None:
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _handling(original: Any) -> Callable[..., None]:
    # uvicorn's worker restores every signal's default, and dies from SIGTERM after its shutdown; others keep handlers.
    def init_signals(self: Any) -> None:
        original(self)
        _handle()

    return init_signals


def _block() -> None:
    # Python forgets a signal that reaches a child before it runs, unless its handler is the system's.
    _mask.before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _mask.before)


def _unblock_in_child() -> None:
    if signal.SIGTERM in signal.sigpending() and signal.getsignal(signal.SIGTERM) is _terminate:
        # There is nothing to export yet, and other libraries' hooks haven't run.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _unblock()


def _terminate(number: int, _: FrameType | None) -> None:
    # gunicorn repeats the signal every second to a worker that it replaces, which may still be merging.
    signal.signal(number, lambda *_: None)
    # In a thread, because the main one may be interrupted while holding a lock that the export needs.
    try:
        flush = threading.Thread(target=_flush, daemon=True)
        flush.start()
        exit_deadline.wait(flush)
    finally:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


def _leaving(original: Any) -> Callable[[int], None]:
    def _exit(status: int) -> None:
        # In a thread, because the exiting one may be holding a lock that the export needs.
        with contextlib.suppress(Exception):
            flush = threading.Thread(target=_leave, daemon=True)
            flush.start()
            flush.join(_UNANSWERED_EXIT_SECONDS if exit_deadline.is_unanswered() else _EXIT_SECONDS)
        original(status)

    return _exit


def _leave() -> None:
    # Without a ledger, each of a pool's short-lived processes would be an instance of its own.
    for step in (*_merge_steps[:1], _empty, *_merge_steps[1:]):
        with contextlib.suppress(Exception):
            step()


def _flush() -> None:
    _empty()
    # Metrics follow the queues, to include what was lost there; the application's own processors come last.
    providers: list[Any] = [trace.get_tracer_provider(), _logs.get_logger_provider()]
    if _merge_steps or not workers.inherits_counts():
        providers.insert(0, metrics.get_meter_provider())
    for provider in providers:
        with contextlib.suppress(Exception):
            provider.force_flush(int(exit_deadline.remaining() * 1000))


def _exit() -> None:
    _empty()
    with contextlib.suppress(Exception):
        metrics.get_meter_provider().shutdown(int(exit_deadline.remaining() * 1000))  # type: ignore[attr-defined]


def _stay_interrupted() -> None:
    """Let a program that Ctrl-C ended die from SIGINT, by which a shell stops its loop, and not with status 1.

    Python notes what ended a program when it evaluates its text, and forgets it at the next text that is evaluated:
    by the modules that an export imports.
    """
    if getattr(sys, "last_type", None) is KeyboardInterrupt and not hasattr(sys, "ps1"):
        with contextlib.suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102 - noted as the program's own


def _empty() -> None:
    exit_deadline.begin()
    delivery.wake()
    for flush in _also:
        with contextlib.suppress(Exception):
            flush(allowance(exit_deadline.MAX_SECONDS))
    delivery.empty()
