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
        """Write a warning or worse, unless a handler of the application does."""
        if any(type(handler).__name__ != _EXPORTERS for handler in logging.getLogger().handlers):
            return
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - closed, full or none: as the standard library's handlers do
            self.handleError(record)


class OwnLogger(logging.Logger):
    """A logger of ours, which no configuration of logging disables.

    `dictConfig` and `fileConfig` disable, by default, every logger that they don't name.
    """

    @property
    def disabled(self) -> bool:
        """Never; an application that wants silence sets the level."""
        return False

    @disabled.setter
    def disabled(self, _: bool) -> None:
        pass


def install() -> None:
    """Give our loggers their last resort, and keep them from being disabled. Harmless when called twice."""
    for name, known in list(logging.root.manager.loggerDict.items()):
        if name.partition(".")[0] == _OWN and isinstance(known, logging.Logger) and not isinstance(known, OwnLogger):
            # An application may have set a class of its own for loggers, as structlog's factory does.
            plain = type(known) is logging.Logger
            known.__class__ = OwnLogger if plain else type("OwnLogger", (OwnLogger, type(known)), {})
    logger = logging.getLogger(_OWN)
    if not any(isinstance(handler, OwnLines) for handler in logger.handlers):
        handler = OwnLines(logging.WARNING)
        handler.setFormatter(logging.Formatter("pazpaz-opentelemetry: %(message)s"))
        logger.addHandler(handler)
