"""Pass log calls that bypass Python's logging to its OpenTelemetry handlers and to Sentry."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations.log_handlers import exporting_handlers
from pazpaz_otel.redact import log_templates
from pazpaz_otel.redact.fields import remember_fields
from pazpaz_otel.redact.provenance.callers import EXPORTERS
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pazpaz_otel.redact.log_templates import Event

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "msg": logging.INFO,
    "warning": logging.WARNING,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "err": logging.ERROR,
    "failure": logging.ERROR,
    "exception": logging.ERROR,
    "critical": logging.CRITICAL,
    "fatal": logging.CRITICAL,
}
"""Levels by the name of the logging method."""

_MAX_FRAMES: Final = 8
_DEPTH: Final = 16


def binding(original: Any) -> Callable[..., Any]:
    """Prove fields where a logger or a context is given them for later calls."""

    def bind(*args: Any, **fields: Any) -> Any:
        remember_fields(fields, Running(sys._getframe(1), _DEPTH))  # noqa: SLF001
        return original(*args, **fields)

    return bind


def prove_adapters() -> None:
    """Prove the fields that a `LoggerAdapter` adds to its records, where it is made."""
    patches.install("logging.adapt", _adapting)


def _adapting(original: Any) -> Callable[..., None]:
    def __init__(self: Any, logger: Any, extra: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, logger, extra, *args, **kwargs)
        if type(extra) is dict:
            remember_fields(extra, Running(sys._getframe(1), _DEPTH))  # noqa: SLF001

    return __init__


def export(event: Event, level: int, frame: FrameType | None) -> None:
    """Pass an event to OpenTelemetry's handlers, and to Sentry."""
    handlers = exporting_handlers()
    sentry = sys.modules.get("pazpaz_otel.sentry.hooks")
    if not handlers and sentry is None:
        return
    record = _record(event, level, frame)
    for handler in handlers:
        if level >= handler.level:
            handler.handle(record)
    if sentry is not None and level >= logging.INFO and patches.is_installed("logging.report"):
        sentry.report_record(record)


def is_exporting(handler: object) -> bool:
    """Return whether a handler only exports to OpenTelemetry or Sentry, whose exporters and transports are guarded."""
    return type(handler).__module__.startswith(EXPORTERS)


def is_forwarded(frame: FrameType | None) -> bool:
    """Return whether Python's logging called `frame`, so that its own handlers see the record."""
    for _ in range(_MAX_FRAMES):
        if frame is None:
            return False
        if frame.f_globals.get("__name__") == logging.__name__:
            return True
        frame = frame.f_back
    return False


def _record(event: Event, level: int, frame: FrameType | None) -> logging.LogRecord:
    error = event.error
    code = frame.f_code if frame is not None else None
    token = log_templates.current.set(event)
    try:
        return logging.getLogRecordFactory()(
            str(frame.f_globals.get("__name__", logging.root.name)) if frame is not None else logging.root.name,
            level,
            code.co_filename if code is not None else "",
            frame.f_lineno if frame is not None else 0,
            event.message,
            (),
            (type(error), error, error.__traceback__) if error is not None else None,
            code.co_name if code is not None else None,
        )
    finally:
        log_templates.current.reset(token)
