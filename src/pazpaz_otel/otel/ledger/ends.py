"""What a ledger's processes tell each other as they end: a server ends after its workers, and has what they left."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Final

from pazpaz_otel.otel import ending

if TYPE_CHECKING:
    from pazpaz_otel.otel.ledger.store import Store

_ENDED: Final = "ended"
_UNANSWERED: Final = "unanswered"
_SECOND: Final = 1_000_000_000


def tell(store: Store) -> None:
    """Say that this process ends, and whether the endpoint left it without an answer.

    Raises:
        sqlite3.Error: the file can't be used.
    """
    store.note(_ENDED, time.time_ns())
    if ending.is_silent():
        store.note(_UNANSWERED, 1)


def sending(store: Store, *, answered: bool) -> None:
    """Say what became of a turn to send; one that is never heard of again stays without an answer.

    Raises:
        sqlite3.Error: the file can't be used.
    """
    store.note(_UNANSWERED, int(not answered))


def ask(store: Store) -> ending.Elsewhere:
    """Return what the processes that ended before this one have told; nothing, where the file can't be used."""
    try:
        silent = bool(store.noted(_UNANSWERED))
        ended = store.noted(_ENDED)
        # While others serve on, it is only this process that ends.
        if not ended or not store.is_alone():
            return ending.Elsewhere(None, silent)
        return ending.Elsewhere(max(0.0, (time.time_ns() - ended) / _SECOND), silent)
    except (sqlite3.Error, OSError):
        return ending.Elsewhere()
