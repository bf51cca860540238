"""Names of loggers: those of loaded modules, or what remains of them."""

from __future__ import annotations

import sys

from pazpaz_otel.redact import text


def logger_name(name: object) -> str | None:
    """The logger's name if it is a loaded module's or stands in the source, else the part that is a loaded module's."""
    if type(name) is not str or not name:
        return None
    if name == "root" or text.is_proven(name):
        return name
    while name:
        if name in sys.modules:
            return name
        name = name.rpartition(".")[0]
    return None
