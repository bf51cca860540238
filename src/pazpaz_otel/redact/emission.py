"""Which record OpenTelemetry's logging handlers are emitting, and how many they have emitted, in this context."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

_emitting: ContextVar[logging.LogRecord | None] = ContextVar("pazpaz_otel_emitting", default=None)
_emitted: ContextVar[int] = ContextVar("pazpaz_otel_emitted", default=0)


def emitting() -> logging.LogRecord | None:
    """Return the record that one of OpenTelemetry's handlers is emitting."""
    return _emitting.get()


def emitted() -> int:
    """Return how many records OpenTelemetry's handlers have emitted in this context."""
    return _emitted.get()


def count_emitted() -> None:
    """Count a record that one of OpenTelemetry's handlers emits."""
    _emitted.set(_emitted.get() + 1)


class Emission:
    """Count a record and have `emitting` return it while a `with` block emits it.

    Args:
        record: the record.
    """

    def __init__(self, record: logging.LogRecord) -> None:
        self._record = record

    def __enter__(self) -> None:
        self._token = _emitting.set(self._record)
        count_emitted()

    def __exit__(self, *_: object) -> None:
        _emitting.reset(self._token)
