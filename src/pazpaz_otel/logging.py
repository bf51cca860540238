"""Guards for the lines that an application writes itself, on standard output or into a file.

`guard_event` is a structlog processor, `GuardedFormatter` a formatter of the standard library. Both let a line's
template through as the source has it, and of its values those whose key the policy names.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final, Literal

from pazpaz_otel import runtime
from pazpaz_otel.redact import drops, exceptions, text
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.fields import prove_fields
from pazpaz_otel.redact.log_templates import error_of, event_of, template_of
from pazpaz_otel.redact.logger_names import ROOT, logger_name
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

__all__ = ["GuardedFormatter", "guard_event"]

_LEVELS: Final = frozenset({"notset", "debug", "info", "warning", "warn", "error", "critical", "fatal", "exception"})
_ATTRIBUTES: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Far enough for structlog's own frames between the processor and the statement that logs.
_DEPTH: Final = 24


def guard_event(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Guards a structlog event; put it first, so that what later processors add (time, ids) isn't asked for proof.

    The event leaves as its template, an exception as its stack trace without source lines, a value if the policy
    names its key and the value is of that kind. It never raises.
    """
    record = event_dict.get("_record")
    clean: dict[str, Any] = {key: event_dict[key] for key in ("_record", "_from_structlog") if key in event_dict}
    try:
        clean["event"] = _event(event_dict.get("event"), record)
        if event_dict.get("exc_info"):
            trace = _stack_trace(event_dict["exc_info"])
            if trace:
                clean["exception"] = trace
        if event_dict.get("level") in _LEVELS:
            clean["level"] = event_dict["level"]
        clean.update(_values(event_dict, {"event", "exc_info", "level", "_record", "_from_structlog"}, record))
    except Exception as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("stdout", error)
        return {**clean, "event": text.PLACEHOLDER}
    return clean


class GuardedFormatter(logging.Formatter):
    """Guards what the standard library's handlers write.

    Args:
        fmt: as `logging.Formatter` has it.
        datefmt: likewise.
        style: likewise.
        formatter: formats the guarded record instead, such as a JSON formatter.
    """

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Literal["%", "{", "$"] = "%",
        *,
        formatter: logging.Formatter | None = None,
    ) -> None:
        super().__init__(fmt, datefmt, style)
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        """The line, of proven parts only; it never raises."""
        try:
            clean = guarded_record(record)
            return super().format(clean) if self._formatter is None else self._formatter.format(clean)
        except Exception as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("stdout", error)
            return text.PLACEHOLDER


def guarded_record(record: logging.LogRecord) -> logging.LogRecord:
    """A record like `record`, of proven parts only."""
    kept = {
        key: value
        for key, value in vars(record).items()
        # A filter can put a text there.
        if key in {"created", "msecs", "relativeCreated", "levelno", "process", "thread", "lineno"}
        and type(value) in {int, float}
    }
    clean = logging.makeLogRecord(kept)
    clean.levelname = record.levelname if record.levelname.lower() in _LEVELS else "NOTSET"
    clean.name = logger_name(record.name) or ROOT
    clean.msg = _event(record.msg, record)
    clean.args = None
    clean.pathname = exceptions.relative_path(record.pathname) or ""
    clean.filename = clean.pathname.rpartition("/")[2]
    clean.module = clean.filename.removesuffix(".py")
    clean.funcName = record.funcName if exceptions.function_name_proven(record.funcName or "", record.pathname) else ""
    clean.threadName = clean.processName = ""
    if hasattr(clean, "taskName"):
        clean.taskName = None
    error = error_of(record)
    if error is not None:
        clean.exc_text = _stack_trace(error)
    vars(clean).update(_values(vars(record), _ATTRIBUTES, record))
    return clean


def _event(event: Any, record: Any) -> str:
    messages = runtime.guard().messages
    if isinstance(record, logging.LogRecord):
        template = template_of(record)
        if template is not None:
            return template
    if isinstance(event, BaseException):
        return judge_message(event, messages=messages).text or text.PLACEHOLDER
    if isinstance(event, str):
        # Without a runtime no record is made by our factory: the statement that logs is still running here.
        found = text.judge(str(event), Running(sys._getframe(2), _DEPTH)).text  # noqa: SLF001
        if found is not None:
            return found
        found = template_of(record, messages) if isinstance(record, logging.LogRecord) else messages.match(str(event))
        if found is not None:
            return found
    drops.drop("stdout", "unproven_text")
    return text.PLACEHOLDER


def _values(fields: Mapping[str, Any], skipped: set[str] | frozenset[str], record: Any = None) -> dict[str, Any]:
    guard = runtime.guard()
    given = {key: value for key, value in fields.items() if key not in skipped}
    clean, _ = guard.attributes.clean(given, "stdout")
    undeclared = {key: value for key, value in given.items() if key not in guard.policy.attributes}
    event = event_of(record) if isinstance(record, logging.LogRecord) else None
    if event is not None:
        return {**clean, **{key: value for key, value in event.proven.items() if key in undeclared}}
    if undeclared:
        clean |= prove_fields(undeclared, Running(sys._getframe(2), _DEPTH))  # noqa: SLF001
    return dict(clean)


def _stack_trace(exc_info: Any) -> str | None:
    error = exc_info if isinstance(exc_info, BaseException) else None
    if isinstance(exc_info, tuple):
        error = exc_info[1]
    elif error is None:
        error = sys.exc_info()[1]
    messages = runtime.guard().messages
    return exceptions.render(exceptions.view(error, messages)) if error is not None else None
