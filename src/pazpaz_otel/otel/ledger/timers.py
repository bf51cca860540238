"""Call a function repeatedly, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from pazpaz_otel.redact import drops

_REST: Final = 50
"""How many times as long as a call took is waited for the next one: calls take at most a fiftieth of a core."""
_HURRIED_REST: Final = 20
"""The same for a call that was hurried: what waits for it is lost if the process is killed."""
_HURRIED_INTERVAL: Final = 0.02
"""The least seconds between two calls that were hurried."""


def rest(took: float, least: float, most: float, times: int = _REST) -> float:
    """Return how long to wait after something that took so many seconds, between two bounds."""
    return min(max(least, times * took), most)


class Timer:
    """Call a function at intervals until stopped.

    Args:
        name: the thread's name.
        interval: the seconds between the end of a call and the next one.
        call: the function; its errors are counted, and don't stop the timer.
        longest: the seconds between calls that take long; `None` means `interval`.
    """

    def __init__(self, name: str, interval: float, call: Callable[[], None], longest: float | None = None) -> None:
        self._interval = interval
        self._longest = interval if longest is None else longest
        self._call = call
        self._last: Callable[[], object] | None = None
        self._stop = threading.Event()
        self._hurried = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Make the next call soon: once it has been waited long enough since the last one."""
        # Setting an event that is set takes ten times as long.
        if not self._hurried.is_set():
            self._hurried.set()

    def stop(self, timeout: float | None = None) -> None:
        """Stop the calls.

        Args:
            timeout: the seconds to wait for a call in progress; `None` doesn't wait.
        """
        self._end()
        if timeout is not None and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def finish(self, call: Callable[[], object]) -> threading.Thread:
        """Stop with a last call, and return the thread that makes it.

        It is the same thread: from Python 3.12 on, no other can be started when the interpreter ends.
        """
        if not self._thread.is_alive():
            self._attempt(call)
        self._last = call
        self._end()
        return self._thread

    def pause(self, took: float, *, hurried: bool = False) -> float:
        """Return how long to wait after a call that took so many seconds."""
        if hurried:
            return rest(took, min(_HURRIED_INTERVAL, self._interval), self._longest, _HURRIED_REST)
        return rest(took, self._interval, self._longest)

    def _run(self) -> None:
        took = 0.0
        while not self._waited(took):
            self._hurried.clear()
            began = time.thread_time()
            self._attempt(self._call)
            took = time.thread_time() - began
        if self._last is not None:
            self._attempt(self._last)

    def _waited(self, took: float) -> bool:
        ended = time.monotonic()
        if self._hurried.wait(self.pause(took)):
            self._stop.wait(ended + self.pause(took, hurried=True) - time.monotonic())
        return self._stop.is_set()

    def _end(self) -> None:
        self._stop.set()
        self._hurried.set()

    def _attempt(self, call: Callable[[], object]) -> None:
        with drops.contained("metric"):
            call()
