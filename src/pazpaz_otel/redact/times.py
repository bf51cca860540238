"""Times that may leave, to the microsecond: a time far from now, or nine digits behind its point, is a number."""

from __future__ import annotations

import time
from typing import Any, Final

PAST: Final = 31 * 86_400
"""Seconds before now: longer than a batch or a WebSocket runs, and as long as Sentry takes events."""
FUTURE: Final = 86_400
"""Seconds after now: a clock may be set while a process runs."""

_NANO: Final = 1_000_000_000


def is_recent(seconds: float) -> bool:
    """Return whether a time, in seconds since the epoch, lies in the window around now."""
    now = time.time()
    return now - PAST <= seconds <= now + FUTURE


def is_recent_nano(nanoseconds: Any) -> bool:
    """Return whether this is a time as OTLP has it, an `int` of nanoseconds, in the window around now."""
    return nanoseconds.__class__ is int and -PAST * _NANO <= nanoseconds - time.time_ns() <= FUTURE * _NANO


def microseconds(nanoseconds: Any) -> Any:
    """Return a time in nanoseconds without its last three digits, or what isn't a time as it is."""
    return nanoseconds - nanoseconds % 1000 if nanoseconds.__class__ is int else nanoseconds
