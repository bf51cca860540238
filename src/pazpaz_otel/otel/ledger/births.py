"""Until when a new series is shown as zero to whom the sums are given.

It counts from zero only if zero was seen, so the time in which nobody takes the sums is no part of a series' age.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pazpaz_otel.otel.ledger.store import Store

_SECOND: Final = 1_000_000_000


class Births:
    """The times at which one reader took the sums, kept in the ledger for every process that serves it.

    Args:
        store: the ledger.
        reader: who takes them.
        interval: seconds between two times.
        hold: seconds for which a new series is shown as zero.
    """

    def __init__(self, store: Store, reader: str, interval: float, hold: float) -> None:
        self._store = store
        self._key = f"taken by {reader}"
        self._interval = int(interval * _SECOND)
        self._hold = int(hold * _SECOND)

    def horizon(self) -> int:
        """Return the time of birth after which a series is shown as zero, in nanoseconds. It never goes back.

        Raises:
            sqlite3.Error: the file can't be used.
        """
        return self._read()[0] if self._hold else sys.maxsize

    def taken(self, at: int) -> None:
        """Note that the sums of a time were taken.

        Args:
            at: the time, in nanoseconds.

        Raises:
            sqlite3.Error: the file can't be used.
        """
        if not self._hold:
            return
        horizon, times = self._read()
        if times and at < times[-1]:
            # The clock was set back: who is shown was born before this.
            horizon, times = min(horizon, at), []
        elif times and at - times[-1] < self._interval // 2:
            return
        times.append(at)
        while self._age(times) >= self._hold:
            horizon = max(horizon, times.pop(0))
        self._store.note(self._key, json.dumps([horizon, times]))

    def show(self, until: int) -> None:
        """Show every series born until a time as it is, because nobody gives the sums after this."""
        self._store.note(self._key, json.dumps([until, []]))

    def _read(self) -> tuple[int, list[int]]:
        horizon, times = json.loads(self._store.noted(self._key) or "[0, []]")
        return horizon, times

    def _age(self, times: list[int]) -> int:
        # An outage counts like one interval; sums that are large are taken seldom.
        longest = max(self._interval, self._hold // 3)
        return sum(min(later - earlier, longest) for earlier, later in pairwise(times)) if times else -1
