"""One deadline for everything that a process does when it ends, shorter if an endpoint doesn't answer.

The SDK retries for ten seconds per request and signal even when the process is ending. Every restart of a development
server would take that long, and an orchestrator kills after ten seconds.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pazpaz_otel import forks, patches

MAX_SECONDS: Final = 5.0
"""How long the end of a process may take, in seconds: half of what container runtimes grant."""

_UNANSWERED_SECONDS: Final = 2.0
"""How long it may take if an endpoint doesn't answer."""

_GROUP_SECONDS: Final = 8.0
"""How long a server and its workers may take together, as they end one after the other."""

METRICS_RESERVE: Final = 1.0
"""Seconds reserved for the metrics, which are sent after the queues."""

_MIN_TIMEOUT: Final = 1.0
"""Seconds without an answer after which an endpoint counts as silent, unless it was as slow before."""

_FIRST_TIMEOUT: Final = 3.0
"""The same for the first request to an endpoint that didn't fail another process."""

_EXPORT_MARGIN: Final = 0.5
"""Seconds by which an export's timeout precedes the deadline, so that its failure is counted."""

_SLOW_FACTOR: Final = 3
"""By which multiple of its last duration a request may be late before the endpoint counts as silent."""

_READ_ATTEMPTS: Final = 3
"""How often to retry reading a dictionary that another thread is changing."""

_MIN_REMAINING: Final = 0.01
"""The minimum timeout in seconds, because a connection attempt needs more than zero."""

_POLL: Final = 0.05


class OtherProcesses(NamedTuple):
    """What other processes of the same application have recorded.

    Attributes:
        since: seconds since the last of them started to end, or None.
        silent: whether the endpoint didn't answer the last of them.
    """

    since: float | None = None
    silent: bool = False


class _Exports:
    """The state of one client's exports."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.failed = False
        self.usual: float | None = None

    def done(self, result: Any) -> None:
        began, self.began = self.began, None
        answered = getattr(result, "success", False)
        # An endpoint that rejects a request does so at once, so nothing has to wait.
        self.failed = not answered and getattr(result, "status_code", None) is None
        if began is not None and answered:
            self.usual = time.monotonic() - began

    @property
    def limit(self) -> float:
        """Seconds after which no answer is expected any more."""
        if self.usual is None:
            return _MIN_TIMEOUT if self.failed or expects_silence() else _FIRST_TIMEOUT
        return max(_MIN_TIMEOUT, _SLOW_FACTOR * self.usual)

    @property
    def silent(self) -> bool:
        began = self.began
        return self.failed or (began is not None and time.monotonic() - began > self.limit)


class _State:
    def __init__(self) -> None:
        self.began: float | None = None
        self.others = OtherProcesses()
        self.parent_unanswered = False
        self.ask: Callable[[], OtherProcesses] = OtherProcesses
        self.clients: weakref.WeakKeyDictionary[Any, _Exports] = weakref.WeakKeyDictionary()


_state: Final = _State()


def install() -> None:
    """Apply the deadline to OTLP over HTTP."""
    patches.install("otlp.client", _exporting)


def ask_others(ask: Callable[[], OtherProcesses]) -> None:
    """Take other processes' records into account; `ask` is called once, when the process starts to end."""
    _state.ask = ask


def is_silent() -> bool:
    """Return whether an endpoint didn't answer the last request."""
    return any(calls.silent for _, calls in _clients())


def expects_silence() -> bool:
    """Return whether an endpoint didn't answer another process of the application, or this one's parent."""
    has_answered = any(calls.usual is not None for _, calls in _clients())
    return (_state.others.silent or _state.parent_unanswered) and not has_answered


def is_unanswered() -> bool:
    """Return whether no answer is to be expected, by this process's own requests or by others'."""
    return is_silent() or expects_silence()


def total() -> float:
    """Return how many seconds the end may take in total; fewer if an endpoint doesn't answer."""
    if is_unanswered():
        return _UNANSWERED_SECONDS
    since = _state.others.since
    return (
        MAX_SECONDS
        if since is None or since > _GROUP_SECONDS
        else max(_UNANSWERED_SECONDS, min(MAX_SECONDS, _GROUP_SECONDS - since))
    )


def has_begun() -> bool:
    """Return whether the process is ending."""
    return _state.began is not None


def remaining() -> float:
    """Return the seconds left, or the total if the process isn't ending yet."""
    if _state.began is None:
        return total()
    return max(_MIN_REMAINING, _state.began + total() - time.monotonic())


def wait(thread: threading.Thread, reserve: float = 0.0) -> None:
    """Wait for a thread until the deadline, which moves closer if an endpoint turns out not to answer.

    Args:
        thread: the thread to wait for.
        reserve: the seconds to leave for later steps.
    """
    began = time.monotonic() if _state.began is None else _state.began
    while thread.is_alive() and began + total() - reserve - time.monotonic() > _MIN_REMAINING:
        thread.join(_POLL)


def begin() -> None:
    """Start the end: from now on, each export is tried only once, and waits between attempts are cut short."""
    if _state.began is None:
        _state.others = _state.ask()
        _state.began = time.monotonic()
    for client, _ in _clients():
        client._shutdown_event.set()  # noqa: SLF001 - ends its waits between attempts


def is_over() -> bool:
    """Return whether the program's own code has ended, and only exit handlers run."""
    return not threading.main_thread().is_alive()


def _clients() -> list[tuple[Any, _Exports]]:
    """Return the clients that have exported, while another thread may be adding one."""
    for _ in range(_READ_ATTEMPTS):
        try:
            return list(_state.clients.items())
        except RuntimeError:
            continue
    return []


def _exporting(original: Any) -> Callable[..., Any]:
    def export(self: Any, data: bytes) -> Any:
        calls = _state.clients.setdefault(self, _Exports())
        if _state.began is not None:
            self._shutdown_event.set()
            self._timeout = min(self._timeout, calls.limit, max(_MIN_REMAINING, remaining() - _EXPORT_MARGIN))
        calls.began = time.monotonic()
        result = None
        try:
            result = original(self, data)
            return result
        finally:
            calls.done(result)

    return export


def _after_fork() -> None:
    # Forget the parent's exports and its end, which never finish in this process, but not whether it was answered.
    _state.parent_unanswered = is_silent() or _state.parent_unanswered
    for client, _ in _clients():
        # A thread of the parent may hold its lock.
        client._shutdown_event = threading.Event()  # noqa: SLF001
    _state.began = None
    _state.others = OtherProcesses()
    _state.clients = weakref.WeakKeyDictionary()


forks.in_child(_after_fork)
