"""Messages to the operator about Sentry: each is logged once per process, and none contains a value."""

from __future__ import annotations

import logging
import threading
from typing import Final

LOGGER: Final = "pazpaz_otel.sentry"

_lock = threading.Lock()
_said: set[str] = set()


def log_once(line: str, level: int = logging.WARNING) -> None:
    """Log `line` unless it was logged before.

    Args:
        line: a literal.
        level: a level of `logging`.
    """
    with _lock:
        if line in _said:
            return
        _said.add(line)
    logging.getLogger(LOGGER).log(level, line)


def forget() -> None:
    """Allow every line to be logged again, after a new start."""
    with _lock:
        _said.clear()
