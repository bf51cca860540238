"""What is known of log records of an application's own class, by identity.

Such a class may compare its records, so that they can't be keys, or equal ones would be the same key.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import logging

V = TypeVar("V")


class OfRecords(Generic[V]):
    """One value for each record, as long as the record lives."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[weakref.ref[logging.LogRecord], V]] = {}

    def get(self, record: logging.LogRecord) -> V | None:
        """Return the record's value, or None."""
        held = self._held.get(id(record))
        return held[1] if held is not None and held[0]() is record else None

    def keep(self, record: logging.LogRecord, value: V) -> None:
        """Keep a value for the record, in place of another."""
        key = id(record)
        self._held[key] = weakref.ref(record, lambda _: self._held.pop(key, None)), value
