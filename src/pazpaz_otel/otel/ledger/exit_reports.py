"""What a ledger's ending processes tell those that end later, such as workers their server."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Final

from pazpaz_otel.otel import exit_deadline

if TYPE_CHECKING:
    from pazpaz_otel.otel.ledger.store import Store

_ENDED: Final = "ended"
_UNANSWERED: Final = "unanswered"
_SECOND: Final = 1_000_000_000


def record_exit(store: Store) -> None:
    """Record that this process ends, and whether the endpoint failed to answer it.

    Raises:
        sqlite3.Error: the file can't be used.
    """
    store.note(_ENDED, time.time_ns())
    if exit_deadline.is_silent():
        store.note(_UNANSWERED, 1)


def record_sending(store: Store, *, answered: bool) -> None:
    """Record the result of an attempt to send; a sender that disappears counts as unanswered.

    Raises:
        sqlite3.Error: the file can't be used.
    """
    store.note(_UNANSWERED, int(not answered))


def read(store: Store) -> exit_deadline.OtherProcesses:
    """Return what the processes that ended before this one recorded, or nothing if the file can't be used."""
    try:
        silent = bool(store.noted(_UNANSWERED))
        ended = store.noted(_ENDED)
        # If others continue to serve, only this process is ending.
        if not ended or not store.is_alone():
            return exit_deadline.OtherProcesses(None, silent)
        return exit_deadline.OtherProcesses(max(0.0, (time.time_ns() - ended) / _SECOND), silent)
    except (sqlite3.Error, OSError):
        return exit_deadline.OtherProcesses()
