"""Until when a new series is shown as zero to whom the sums are sent.

It counts from zero only if zero was seen, so the time in which nobody takes the sums is no part of a series' age.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pazpaz_otel.otel.ledger.store import Store

_TAKEN: Final = "taken"
_LEFT: Final = "left"
_BACK: Final = "back"
_MISSED: Final = 2
"""Intervals after which sums that weren't taken are an outage."""
_SECOND: Final = 1_000_000_000


def taken(store: Store, interval: float, hold: float) -> None:
    """Note that the sums were taken.

    Args:
        store: the ledger.
        interval: seconds between two exports.
        hold: seconds for which a new series is shown as zero.

    Raises:
        sqlite3.Error: the file can't be used.
    """
    now = time.time_ns()
    if now - store.noted(_TAKEN) > _MISSED * interval * _SECOND:
        # Behind an outage that is hardly over: together they are one.
        store.note(_LEFT, horizon(store, hold) + int(hold * _SECOND))
        store.note(_BACK, now)
    store.note(_TAKEN, now)


def horizon(store: Store, hold: float) -> int:
    """Return the time of birth behind which a series is shown as zero, in nanoseconds. It never goes back.

    Raises:
        sqlite3.Error: the file can't be used.
    """
    last, length = store.noted(_TAKEN), int(hold * _SECOND)
    left_to_wait = length - (last - store.noted(_BACK))
    return min(last - length, store.noted(_LEFT) - left_to_wait) if left_to_wait > 0 else last - length
