"""Lines for the operator, each of them once per process; none contains a value of the application."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import Final

OWN_LINE: Final = "pazpaz-opentelemetry: "
"""How each of these lines begins."""


class Told(str):
    """A text that this package composed for its own log line, of nothing that came from the application's data."""

    __slots__ = ()


_given: Final[dict[str, object]] = {}
_held: Final[list[str]] = []


def print_once(line: str) -> None:
    """Write one line to standard error, bypassing the logging configuration."""
    if _is_new(line):
        with contextlib.suppress(Exception):
            sys.stderr.write(f"{OWN_LINE}{line}\n")
            sys.stderr.flush()


def hold(line: str) -> None:
    """Keep a line until the start has succeeded, or is refused in one line with the reason."""
    _held.append(line)


def take_held() -> list[str]:
    """Return the lines that were kept, and keep them no longer."""
    lines = _held[:]
    _held.clear()
    return lines


def log_once(line: str, level: int = logging.WARNING) -> None:
    """Log a line about Sentry.

    Args:
        line: a literal.
        level: a level of `logging`.
    """
    if _is_new(line):
        logging.getLogger("pazpaz_otel.sentry").log(level, line)


class _Repeated(logging.Filter):
    """Let a line through the first time."""

    def filter(self, record: logging.LogRecord) -> bool:
        return _is_new(f"{record.name}, line {record.lineno}")


_repeated: Final = _Repeated()


def hush_repeated() -> None:
    """Let the SDK complain once about a variable that it reads again for each resource and each exporter."""
    for name in ("opentelemetry.sdk.resources", "opentelemetry.util.re"):
        logging.getLogger(name).addFilter(_repeated)


def _is_new(line: str) -> bool:
    mark = object()
    # One step, so that of several threads only one gives it.
    return _given.setdefault(line, mark) is mark
