"""Guard the SDK's own log lines, which quote data, before any handler sees them."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.notices import Told
from pazpaz_otel.redact import exceptions, text
from pazpaz_otel.redact.provenance.module_index import module_proven
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    import logging

unread: Final[dict[str, str]] = {}
"""By logger, the function whose lines a filter drops: a proof, for which modules are read, would be in vain."""

_OWN_LOGGERS: Final = ("opentelemetry", "pazpaz_otel")
_DEPTH: Final = 24


def is_own(name: object) -> bool:
    """Return whether a logger belongs to this distribution or OpenTelemetry."""
    return isinstance(name, str) and name.partition(".")[0] in _OWN_LOGGERS


def guard(record: logging.LogRecord, template: str | None) -> None:
    """Remove quoted data from one of the SDK's own lines: values, headers, an exception's text.

    Such lines go to any handler, or to Python's last resort on standard error.

    Args:
        record: the line; changed in place.
        template: its text as it is in the source, or None.
    """
    record.msg = template or _where(record)
    if record.args:
        spots = Running(sys._getframe(1), _DEPTH)  # noqa: SLF001 - the documented way to a frame
        if isinstance(record.args, dict):
            record.args = {key: _quoted(value, spots) for key, value in record.args.items()}
        else:
            record.args = _fitting(str(record.msg), tuple(record.args), spots)
    if record.exc_info:
        error, record.exc_info = record.exc_info[1], None
        # Some handlers format the record, others export its fields.
        record.exc_text = exceptions.render(exceptions.view(error)) if error is not None else None
        vars(record)["exception.stacktrace"] = record.exc_text
    record.stack_info = None


def _fitting(template: str, given: tuple[object, ...], spots: Running) -> tuple[object, ...]:
    """Return the arguments that fill a template: without exceptions if it quotes their messages already, or none."""
    for kept in (given, tuple(one for one in given if not isinstance(one, BaseException))):
        quoted = tuple(_quoted(value, spots) for value in kept)
        with contextlib.suppress(TypeError, ValueError):
            if template % quoted:
                return quoted
    return ()


def _where(record: logging.LogRecord) -> str:
    record.args = ()
    name = record.name if module_proven(record.name) else "opentelemetry"
    return f"{text.PLACEHOLDER} by {name}, line {record.lineno}"


def _quoted(value: Any, spots: Running) -> object:
    # Numbers keep a `%d` working; nine digits or more could be a person's number, and are no count of anything here.
    if type(value) in {bool, int, float}:
        return value if -100_000_000 < value < 100_000_000 else 0  # noqa: PLR2004
    if isinstance(value, (Told, PazPazOtelError)):
        return str(value)
    if text.is_proven(value) and isinstance(text.judge(value, spots), text.Kept):
        return value
    if isinstance(value, BaseException):
        return type(value).__qualname__
    return text.PLACEHOLDER
