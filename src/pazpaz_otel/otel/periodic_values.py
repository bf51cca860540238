"""Values that one process of the host reads at intervals, outside the export."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import forks
from pazpaz_otel.notices import Told
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Lease = Callable[[str, float], bool]
    Read = Callable[[], Any] | Callable[[], Awaitable[Any]]

logger = logging.getLogger(__name__)

DEFAULT_INTERVAL: Final = 60.0
"""The default seconds between two readings."""
_TURN_INTERVAL: Final = 5.0
"""Seconds between two checks of whose turn it is: how long another process takes to notice that the reader ended."""
_TERM: Final = 3
"""For how many intervals a reading is shown, and the turn kept."""

_all: weakref.WeakSet[PeriodicValue] = weakref.WeakSet()


class PeriodicValue:
    """The last value of a function that may block.

    A coroutine function runs on the event loop that is running when this object is created, because its connections
    belong to it; without one, it gets its own loop in a thread, and a plain function gets a thread.

    Args:
        name: the lease's name.
        read: returns the value or `None`.
        every: the seconds between two readings.
        lease: returns whether this process is the one that reads.
    """

    def __init__(self, name: str, read: Read, every: float, lease: Lease) -> None:
        self._name = name
        self._read = read
        self._every = every
        self._lease = lease
        self._value: Any = None
        self._failing = False
        self._read_at = self._expires = float("-inf")
        _all.add(self)
        self.start()

    def current(self) -> Any:
        """Return the last reading; `None` while another process reads, or if the reading is too old."""
        return self._value if time.monotonic() < self._expires else None

    def start(self) -> None:
        """Start reading in this process."""
        self._value, self._read_at, self._expires = None, float("-inf"), float("-inf")
        try:
            loop = asyncio.get_running_loop() if inspect.iscoroutinefunction(self._read) else None
        except RuntimeError:
            loop = None
        if loop is not None:
            self._task = loop.create_task(self._run())
        else:
            threading.Thread(target=self._run_in_thread, name="PazpazOtelRefresh", daemon=True).start()

    def _run_in_thread(self) -> None:
        # If an application's loop has ended, its task has too.
        with contextlib.suppress(RuntimeError):
            asyncio.run(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await self._turn()
            except Exception as error:  # noqa: BLE001 - the next reading may succeed
                if await _is_ending():
                    return
                drops.fail("metric", error)
            await asyncio.sleep(min(self._every, _TURN_INTERVAL))

    async def _turn(self) -> None:
        term = self._every * _TERM
        # Run it in a thread, because it waits for the disk.
        if not await asyncio.to_thread(self._lease, f"observe:{self._name}", max(term, _TURN_INTERVAL * _TERM)):
            self._expires = float("-inf")
            return
        started = time.monotonic()
        if started - self._read_at < self._every:
            return
        self._read_at = started
        try:
            if inspect.iscoroutinefunction(self._read):
                self._value = await self._read()
            else:
                self._value = await asyncio.to_thread(self._read)
        except Exception as error:  # noqa: BLE001 - the next reading may succeed
            # Don't count it as a guard's failure, which would page someone: an unavailable database has its own alert.
            if not self._failing and not await _is_ending():
                name, kind = Told(self._name), Told(type(error).__name__)
                logger.warning("%s can't be read: %s; logged once until it can be", name, kind)
            self._failing = True
            return
        self._failing = False
        self._expires = started + term


async def _is_ending() -> bool:
    """Return whether the interpreter ends: threads can't be asked any more, which is nobody's failure."""
    if not threading.main_thread().is_alive():
        return True
    try:
        # Executors take no more before the main thread counts as ended.
        await asyncio.to_thread(int)
    except RuntimeError:
        return True
    return False


def _after_fork() -> None:
    for value in list(_all):
        value.start()


forks.in_child(_after_fork)
