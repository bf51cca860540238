"""Times that may leave, to the microsecond; a distant time, or nine digits after the point, could be a number."""

from __future__ import annotations

import time
from typing import Any, Final

PAST: Final = 31 * 86_400
"""Seconds before now: longer than a batch or WebSocket lasts, and as far back as Sentry accepts events."""
FUTURE: Final = 86_400
"""Seconds after now: a clock may be set while a process runs."""

_NANO: Final = 1_000_000_000


def is_recent(seconds: float) -> bool:
    """Return whether a time, in seconds since the epoch, is close enough to now."""
    now = time.time()
    return now - PAST <= seconds <= now + FUTURE


def is_recent_nano(nanoseconds: Any) -> bool:
    """Return whether this is an OTLP time, an `int` of nanoseconds, close enough to now."""
    return type(nanoseconds) is int and -PAST * _NANO <= nanoseconds - time.time_ns() <= FUTURE * _NANO


def microseconds(nanoseconds: Any) -> Any:
    """Return a time in nanoseconds without its last three digits; return anything else unchanged."""
    return nanoseconds - nanoseconds % 1000 if type(nanoseconds) is int else nanoseconds
