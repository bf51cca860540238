"""Call a function repeatedly, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

_REST: Final = 50
"""How many times as long as a call took is waited for the next one: calls take at most a fiftieth of a core."""


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
        self._last: Callable[[], None] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Stop the calls.

        Args:
            timeout: the seconds to wait for a call in progress; `None` doesn't wait.
        """
        self._stop.set()
        if timeout is not None and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def finish(self, call: Callable[[], None]) -> threading.Thread:
        """Stop with a last call, and return the thread that makes it.

        It is the same thread: from Python 3.12 on, no other can be started when the interpreter ends.
        """
        if not self._thread.is_alive():
            self._attempt(call)
        self._last = call
        self._stop.set()
        return self._thread

    def pause(self, took: float) -> float:
        """Return how long to wait after a call that took so many seconds."""
        return min(max(self._interval, _REST * took), self._longest)

    def _run(self) -> None:
        took = 0.0
        while not self._stop.wait(self.pause(took)):
            began = time.thread_time()
            self._attempt(self._call)
            took = time.thread_time() - began
        if self._last is not None:
            self._attempt(self._last)

    def _attempt(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - the next call may succeed
            drops.fail("metric", error)
