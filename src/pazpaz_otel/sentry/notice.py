"""The few lines that this room says to the operator: each once a process, none with a value in it."""

from __future__ import annotations

import logging
import threading
from typing import Final

LOGGER: Final = "pazpaz_otel.sentry"

_lock = threading.Lock()
_said: set[str] = set()


def say(line: str, *numbers: int, level: int = logging.WARNING) -> None:
    """Log `line` unless it was said before.

    Args:
        line: a literal; a `%` template for whole numbers.
        numbers: what fills the template: statuses and counts, nothing else.
        level: a level of `logging`.
    """
    text = line % numbers if numbers else line
    with _lock:
        if text in _said:
            return
        _said.add(text)
    logging.getLogger(LOGGER).log(level, line, *numbers)


def forget() -> None:
    """Let every line be said again: after a new start."""
    with _lock:
        _said.clear()
