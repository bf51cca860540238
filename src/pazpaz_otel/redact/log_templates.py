"""Where a log record came from: the template in the source, kept beside the record from its birth.

A handler sees the text with its values filled in. The record's factory runs inside the very call that logs, so it can
prove the template there, and every sink that meets the record later (OTLP, Sentry, standard output) finds it.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.redact import exceptions, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_SEARCHED: Final = 16
_OWN_LOGGERS: Final = ("opentelemetry", "pazpaz_otel")


class ProvenLogRecord(logging.LogRecord):
    """A log record that knows its proven template.

    The template is a slot, so that handlers which export `vars(record)` don't export it twice.
    """

    __slots__ = ("template",)
    template: str | None

    @classmethod
    def of(cls, *args: Any, **kwargs: Any) -> ProvenLogRecord:
        """The record that `logging` asks its factory for, in the statement that logs."""
        record = cls(*args, **kwargs)
        record.template = _prove(record.msg, sys._getframe(1))  # noqa: SLF001 - the only way to a caller's frame
        if _is_own(record.name):
            _guard_own(record)
        return record


def install() -> None:
    """Makes `logging` create proven records; an application's own factory that calls the one before stays."""
    before = logging.getLogRecordFactory()
    if before is logging.LogRecord:
        logging.setLogRecordFactory(ProvenLogRecord.of)
    elif before != ProvenLogRecord.of:
        logging.setLogRecordFactory(_beside(before))


def template_of(record: logging.LogRecord) -> str | None:
    """The text as it stands in the source, `%` places and all, or `None` where the source doesn't prove it."""
    template = getattr(record, "template", None) if isinstance(record, ProvenLogRecord) else None
    if template is None and isinstance(record.msg, str):
        template = record.msg if text.is_proven(record.msg) else text.match_message(record.getMessage())
    return template


def emitting() -> logging.LogRecord | None:
    """The record that a handler up the stack is emitting, if there is one."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
    for _ in range(_SEARCHED):
        if frame is None:
            return None
        if frame.f_code.co_name == "emit":
            record = frame.f_locals.get("record")
            if isinstance(record, logging.LogRecord):
                return record
        frame = frame.f_back
    return None


def _beside(before: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        _prove(record.msg, sys._getframe(1))  # noqa: SLF001
        if _is_own(record.name):
            _guard_own(record)
        return record

    return factory


def _prove(message: object, frame: FrameType) -> str | None:
    if not isinstance(message, str) or not message:
        return None
    return str(message) if text.prove(message, frame) else None


def _is_own(name: object) -> bool:
    return isinstance(name, str) and name.partition(".")[0] in _OWN_LOGGERS


def _guard_own(record: logging.LogRecord) -> None:
    """Takes out of the SDK's own lines what it quotes: values, headers, an exception's text.

    They go to whatever handler there is, often none but Python's last resort on standard error.
    """
    record.msg = template_of(record) or _where(record)
    if record.args:
        arguments = record.args.values() if isinstance(record.args, dict) else record.args
        if isinstance(record.args, dict):
            record.args = {key: _quoted(value) for key, value in record.args.items()}
        else:
            record.args = tuple(_quoted(value) for value in arguments)
    if record.exc_info:
        error, record.exc_info = record.exc_info[1], None
        # For handlers that format the record, and for those that export its fields.
        record.exc_text = exceptions.render(exceptions.view(error)) if error is not None else None
        vars(record)["exception.stacktrace"] = record.exc_text
    record.stack_info = None


def _where(record: logging.LogRecord) -> str:
    record.args = ()
    name = record.name if exceptions.module_proven(record.name) else "opentelemetry"
    return f"{text.PLACEHOLDER} by {name}, line {record.lineno}"


def _quoted(value: object) -> object:
    # Numbers keep a `%d` working; nine digits and more are somebody's, or no count of anything here.
    if isinstance(value, (bool, int, float)):
        return value if -100_000_000 < value < 100_000_000 else 0  # noqa: PLR2004
    if isinstance(value, str) and text.is_proven(value):
        return str(value)
    if isinstance(value, PazPazOtelError):
        return str(value)
    if isinstance(value, BaseException):
        return type(value).__qualname__
    return text.PLACEHOLDER
