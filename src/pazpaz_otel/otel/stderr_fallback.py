"""Write the distribution's own lines to standard error if no handler of the application would."""

from __future__ import annotations

import logging
import sys
from typing import Final

_OWN: Final = "pazpaz_otel"
_EXPORTERS: Final = "LoggingHandler"


class OwnLines(logging.Handler):
    """Python's last resort, which OpenTelemetry's handler on the root logger disables."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write warnings and errors, unless a handler of the application does."""
        if any(type(handler).__name__ != _EXPORTERS for handler in logging.getLogger().handlers):
            return
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - closed, full or none: as the standard library's handlers do
            self.handleError(record)


class OwnLogger(logging.Logger):
    """A logger of this package, which no logging configuration can disable.

    `dictConfig` and `fileConfig` disable all loggers that they don't name, by default.
    """

    @property
    def disabled(self) -> bool:
        """Return False; to silence these loggers, set their level."""
        return False

    @disabled.setter
    def disabled(self, _: bool) -> None:
        pass


def install() -> None:
    """Give our loggers this fallback, and keep them from being disabled; repeated calls are harmless."""
    for name, known in list(logging.root.manager.loggerDict.items()):
        if name.partition(".")[0] == _OWN and isinstance(known, logging.Logger) and not isinstance(known, OwnLogger):
            # The application may have set its own logger class, as structlog's factory does.
            plain = type(known) is logging.Logger
            known.__class__ = OwnLogger if plain else type("OwnLogger", (OwnLogger, type(known)), {})
    logger = logging.getLogger(_OWN)
    if not any(isinstance(handler, OwnLines) for handler in logger.handlers):
        handler = OwnLines(logging.WARNING)
        handler.setFormatter(logging.Formatter("pazpaz-opentelemetry: %(message)s"))
        logger.addHandler(handler)
