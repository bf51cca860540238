"""The distribution's own lines, on standard error where no handler of the application would write them."""

from __future__ import annotations

import logging
import sys
from typing import Final

_OWN: Final = "pazpaz_otel"
_EXPORTERS: Final = "LoggingHandler"


class OwnLines(logging.Handler):
    """Python's last resort, which OpenTelemetry's handler on the root logger switches off."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a warning or worse, unless a handler of the application does."""
        if any(type(handler).__name__ != _EXPORTERS for handler in logging.getLogger().handlers):
            return
        sys.stderr.write(self.format(record) + "\n")


def install() -> None:
    """Gives our loggers their last resort, once."""
    logger = logging.getLogger(_OWN)
    if not any(isinstance(handler, OwnLines) for handler in logger.handlers):
        handler = OwnLines(logging.WARNING)
        handler.setFormatter(logging.Formatter("pazpaz-opentelemetry: %(message)s"))
        logger.addHandler(handler)
