"""Which record OpenTelemetry's logging handlers are emitting, and how many they have emitted, in this context."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

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


def while_emitting(record: logging.LogRecord, emit: Callable[[logging.LogRecord], Any]) -> None:
    """Emit a record, which `emitting` returns meanwhile."""
    token = _emitting.set(record)
    count_emitted()
    try:
        emit(record)
    finally:
        _emitting.reset(token)
