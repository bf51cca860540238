"""Values that are read now and then, off the export's way, by one process of the host."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Lease = Callable[[str, float], bool]
    Read = Callable[[], Any] | Callable[[], Awaitable[Any]]

logger = logging.getLogger(__name__)

EVERY: Final = 60.0
"""Seconds between two readings where nobody says."""
_TURN: Final = 5.0
"""Seconds between two looks at whose turn it is: what another process takes to notice that the reader ended."""
_TERM: Final = 3
"""A reading is shown, and the turn kept, for so many intervals."""

_all: weakref.WeakSet[Refreshed] = weakref.WeakSet()


class Refreshed:
    """The last value of a function that may take its time.

    An asynchronous function runs on the event loop that runs where this is made, as its connections belong to it; made
    outside of one, it has a loop of its own in a thread, as a plain function has a thread.

    Args:
        name: of the lease.
        read: gives the value, or `None`.
        every: seconds between two readings.
        lease: tells whether this process is the one that reads.
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

    def value(self) -> Any:
        """Return the last reading; `None` while another process reads, and where the reading is too old."""
        return self._value if time.monotonic() < self._expires else None

    def start(self) -> None:
        """Begin to read, in this process."""
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
        # The loop of an application that has ended takes its task along.
        with contextlib.suppress(RuntimeError):
            asyncio.run(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await self._turn()
            except Exception as error:  # noqa: BLE001 - the next reading may succeed
                drops.fail("metric", error)
            await asyncio.sleep(min(self._every, _TURN))

    async def _turn(self) -> None:
        term = self._every * _TERM
        # In a thread: it waits for the disk.
        if not await asyncio.to_thread(self._lease, f"observe:{self._name}", max(term, _TURN * _TERM)):
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
            # Not a guard's failure, which would page: a database that is away has an alert of its own.
            if not self._failing:
                logger.warning("%s can't be read: %s; said once until it can", self._name, type(error).__name__)
            self._failing = True
            return
        self._failing = False
        self._expires = started + term


def _after_fork() -> None:
    for refreshed in list(_all):
        refreshed.start()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
