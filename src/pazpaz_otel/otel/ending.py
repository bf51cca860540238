"""How long the end of a process may take: one deadline for all that it still holds, shorter where nobody answers.

The SDK waits between attempts, for ten seconds a request and once for each signal, also when the process is about to
end; each restart of a development server would take as long, and an orchestrator kills after ten seconds.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 5.0
"""Seconds for which the end waits: half of what container runtimes grant."""

_DOUBT: Final = 2.0
"""Seconds for which it waits where an endpoint doesn't answer."""

_TOGETHER: Final = 8.0
"""Seconds for a server and its workers, which end one after the other."""

LAST: Final = 1.0
"""Seconds that the queues leave to the metrics, which are sent after them."""

_SILENT: Final = 1.0
"""Seconds without an answer that are a silence, if the endpoint hasn't been as slow before."""

_FIRST: Final = 3.0
"""Seconds for an endpoint that was never asked before, and of which no other process knows anything bad."""

_MARGIN: Final = 0.5
"""Seconds by which an export ends before the wait for it, so that its failure is counted."""

_MANY: Final = 3
"""How many times its usual time makes an answer one that doesn't come."""

_TRIES: Final = 3
"""How often a list that another thread grows is read."""

_LEAST: Final = 0.01
"""Seconds: a connection can't be tried in none."""

_POLL: Final = 0.05


@dataclass(frozen=True)
class Elsewhere:
    """What the other processes of the same application know.

    Attributes:
        since: seconds since the last of them began to end; `None`: none did.
        silent: whether the endpoint left the last of them without an answer.
    """

    since: float | None = None
    silent: bool = False


class _Calls:
    """What became of one client's exports."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.failed = False
        self.usual: float | None = None

    def done(self, result: Any) -> None:
        began, self.began = self.began, None
        answered = getattr(result, "success", False)
        # An endpoint that refuses says so at once: nothing waits for it.
        self.failed = not answered and getattr(result, "status_code", None) is None
        if began is not None and answered:
            self.usual = time.monotonic() - began

    @property
    def limit(self) -> float:
        """Seconds after which an answer isn't expected any more."""
        if self.usual is None:
            return _SILENT if self.failed or _end.elsewhere.silent else _FIRST
        return max(_SILENT, _MANY * self.usual)

    @property
    def silent(self) -> bool:
        began = self.began
        return self.failed or (began is not None and time.monotonic() - began > self.limit)


class _End:
    def __init__(self) -> None:
        self.began: float | None = None
        self.elsewhere = Elsewhere()
        self.ask: Callable[[], Elsewhere] = Elsewhere
        self.clients: weakref.WeakKeyDictionary[Any, _Calls] = weakref.WeakKeyDictionary()


_end: Final = _End()


def bound() -> None:
    """Let OTLP over HTTP know when the process ends."""
    patches.install("otlp.client", _exporting)


def share(ask: Callable[[], Elsewhere]) -> None:
    """Let the end know what other processes of the application know; `ask` is called once, as it begins."""
    _end.ask = ask


def is_silent() -> bool:
    """Return whether an endpoint, when it was last asked, gave no answer."""
    return any(calls.silent for _, calls in _clients())


def patience() -> float:
    """Return the seconds for which the end waits in all: fewer where an endpoint doesn't answer."""
    if is_silent() or (_end.elsewhere.silent and not _has_answered()):
        return _DOUBT
    since = _end.elsewhere.since
    return PATIENCE if since is None or since > _TOGETHER else max(_DOUBT, min(PATIENCE, _TOGETHER - since))


def begun() -> bool:
    """Return whether the process ends."""
    return _end.began is not None


def remaining() -> float:
    """Return the seconds that are left of an end that has begun; else those that it would have."""
    if _end.began is None:
        return patience()
    return max(_LEAST, _end.began + patience() - time.monotonic())


def wait(thread: threading.Thread, reserve: float = 0.0) -> None:
    """Wait until a thread ends, or the time is over; it shrinks when an endpoint turns out not to answer.

    Args:
        thread: that works on what is still held.
        reserve: seconds that are left to others.
    """
    began = time.monotonic() if _end.began is None else _end.began
    while thread.is_alive() and began + patience() - reserve - time.monotonic() > _LEAST:
        thread.join(_POLL)


def begin() -> None:
    """Make each export try once from now on, and end the waits between attempts."""
    if _end.began is None:
        _end.elsewhere = _end.ask()
        _end.began = time.monotonic()
    for client, _ in _clients():
        client._shutdown_event.set()  # noqa: SLF001 - what its waits between attempts listen to


def is_over() -> bool:
    """Return whether the program's own code has ended: only exit handlers run."""
    return not threading.main_thread().is_alive()


def _has_answered() -> bool:
    return any(calls.usual is not None for _, calls in _clients())


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
        if _end.began is not None:
            self._shutdown_event.set()
            self._timeout = min(self._timeout, calls.limit, max(_LEAST, remaining() - _MARGIN))
        calls.began = time.monotonic()
        result = None
        try:
            result = original(self, data)
            return result
        finally:
            calls.done(result)

    return export


def _after_fork() -> None:
    # The parent's calls and its end are its own: one that is under way there never ends here.
    _end.began = None
    _end.elsewhere = Elsewhere()
    _end.clients = weakref.WeakKeyDictionary()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
