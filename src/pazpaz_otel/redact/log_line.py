"""Guard a line that the application writes itself: its template, fields by the policy, and frames without source."""

from __future__ import annotations

import contextlib
import logging
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact import access_lines, drops, exceptions, server_lines, text, written
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.log_record import told_fields
from pazpaz_otel.redact.log_templates import Event, ProvenLogRecord, error_of, template_of
from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.provenance.callers import awaiting
from pazpaz_otel.redact.provenance.module_files import relative_path
from pazpaz_otel.redact.provenance.module_index import function_name_proven
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.stacktrace import guard_stacktrace
from pazpaz_otel.redact.trace_ids import CORRELATED_SPAN, CORRELATED_TRACE, correlation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from pazpaz_otel.redact.guards import Guard

LEVELS: Final = frozenset(
    {"notset", "debug", "info", "warning", "warn", "error", "critical", "fatal", "exception", "trace", "success"}
)
STANDARD: Final = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}
"""The fields that every log record has."""
_SERVICE: Final = "otelServiceName"
_JUDGED: Final = STANDARD | {CORRELATED_TRACE, CORRELATED_SPAN, _SERVICE}
"""What `guarded_record` judges by itself."""
# Deep enough for structlog's own frames between the processor and the logging statement.
_DEPTH: Final = 24
_NUMBERS: Final = ("created", "msecs", "relativeCreated", "levelno", "process", "thread")
_META: Final[dict[str, type]] = {"_record": logging.LogRecord, "_from_structlog": bool}
"""What `ProcessorFormatter` adds to an event for its own processors; an application's fields may have these names."""


def guarded_event(event_dict: MutableMapping[str, Any], guard: Guard) -> MutableMapping[str, Any]:
    """Return a structlog event with proven parts only; never raise."""
    record = event_dict.get("_record")
    clean = {key: event_dict[key] for key, kind in _META.items() if isinstance(event_dict.get(key), kind)}
    try:
        clean["event"] = guarded_text(event_dict.get("event"), record, guard)
        if event_dict.get("exc_info"):
            trace = stack_trace(event_dict["exc_info"], guard)
            if trace:
                clean["exception"] = trace
        level = text.exact(event_dict.get("level"))
        if level in LEVELS:
            clean["level"] = level
        skipped = {"event", "exc_info", "level", "_record", "_from_structlog"}
        clean.update(guarded_values(event_dict, skipped, guard, record))
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("stdout", error)
        return {**clean, "event": text.PLACEHOLDER}
    return clean


handed: ContextVar[logging.LogRecord | None] = ContextVar("pazpaz_otel_handed_record", default=None)
"""The guarded record that a handler is writing."""


class Fields(dict[str, Any]):
    """Fields of which those that didn't pass are shown as redacted, so that a format that names one still works."""

    def __missing__(self, key: str) -> str:
        return text.PLACEHOLDER


class GuardedRecord(ProvenLogRecord):
    """A copy of a log record with proven parts only."""

    __slots__ = ("guarded_fields",)

    guarded_fields: dict[str, Any]


def guarded_record(record: logging.LogRecord, guard: Guard) -> logging.LogRecord:
    """Return a copy of `record` with proven parts only, or `record` if it is such a copy and unchanged."""
    if type(record) is GuardedRecord and vars(record) == record.guarded_fields:
        return record
    error = error_of(record)
    template, arguments = _template_with_arguments(record, guard)
    fields = guarded_values(vars(record), _JUDGED, guard, record) | correlation(vars(record))
    service = text.exact(vars(record).get(_SERVICE))
    if service is not None and guard.evidence.configured(service):
        fields[_SERVICE] = service
    clean = GuardedRecord.proven(Event(template, template, fields, fields, error))
    for key in _NUMBERS:
        # A filter can put a text in these fields.
        value = vars(record).get(key)
        setattr(clean, key, value if type(value) in {int, float} else 0)
    clean.levelname = level_name(record.levelname)
    clean.name, clean.pathname = record.name, record.pathname
    clean.funcName, clean.lineno = record.funcName, record.lineno
    guard_place(clean)
    clean.args = arguments
    clean.threadName = clean.processName = ""
    if hasattr(clean, "taskName"):
        clean.taskName = None
    _show_stacks(clean, record, error, guard)
    clean.__dict__ = Fields(vars(clean) | fields)
    clean.guarded_fields = dict(vars(clean))
    return clean


def guarded_line(record: logging.LogRecord, guard: Guard) -> logging.LogRecord:
    """Return what `guarded_record` returns, or a record of the placeholder if that fails; never raise."""
    return _closed(guarded_record, record, guard)


def guarded_message(record: logging.LogRecord, guard: Guard) -> logging.LogRecord:
    """Return a record of all that is written without a format: the message and the stack trace; never raise."""
    return _closed(_message_record, record, guard)


def _message_record(record: logging.LogRecord, guard: Guard) -> logging.LogRecord:
    template, arguments = _template_with_arguments(record, guard)
    clean = ProvenLogRecord.proven(Event(template, template))
    clean.args = arguments
    _show_stacks(clean, record, error_of(record), guard)
    return clean


def _template_with_arguments(record: logging.LogRecord, guard: Guard) -> tuple[str, tuple[Any, ...] | None]:
    return access_lines.read(record, guard) or server_lines.fill(record, guarded_text(record.msg, record, guard), guard)


def _show_stacks(
    clean: logging.LogRecord, record: logging.LogRecord, error: BaseException | None, guard: Guard
) -> None:
    """Add what follows a record's message: the stack trace of its error, and the stack that it was logged with."""
    if error is not None:
        clean.exc_text = stack_trace(error, guard)
    clean.stack_info = guard_stacktrace(record.stack_info, guard.messages) if record.stack_info else None


def _closed(
    guarded: Callable[[logging.LogRecord, Guard], logging.LogRecord], record: logging.LogRecord, guard: Guard
) -> logging.LogRecord:
    try:
        return guarded(record, guard)
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("stdout", error)
        return ProvenLogRecord.proven(Event(text.PLACEHOLDER, text.PLACEHOLDER))


def guard_place(record: logging.LogRecord) -> None:
    """Remove what isn't proven of the names of a record's logger, file and function."""
    record.name = logger_name(record.name) or text.PLACEHOLDER
    path, function = text.exact(record.pathname) or "", text.exact(record.funcName) or ""
    record.funcName = function if function_name_proven(function, path) else ""
    record.pathname = relative_path(path) or ""
    record.filename = record.pathname.rpartition("/")[2]
    record.module = record.filename.removesuffix(".py")
    record.lineno = record.lineno if type(record.lineno) is int else 0


def level_name(name: object) -> str:
    """Return a level's name if it is a usual one."""
    plain = text.exact(name) or ""
    return plain if plain.lower() in LEVELS else "NOTSET"


def guarded_text(event: Any, record: Any, guard: Guard) -> str:
    """Return the template of a line, or the placeholder; call it while the logging statement is running."""
    messages = guard.messages
    if isinstance(record, logging.LogRecord):
        template = template_of(record)
        if template is not None:
            return template
    if isinstance(event, BaseException):
        return judge_message(event, messages=messages).text or text.PLACEHOLDER
    plain = text.exact(event)
    if plain is not None:
        # Without a runtime, our factory creates no records; the logging statement is still running here.
        found = text.judge(plain, Running(awaiting() or sys._getframe(2), _DEPTH)).text  # noqa: SLF001
        if found is not None:
            return found
        found = template_of(record, messages) if isinstance(record, logging.LogRecord) else messages.match(plain)
        if found is not None:
            return found
    drops.drop("stdout", "unproven_text")
    return text.PLACEHOLDER


def guarded_values(
    fields: Mapping[str, Any], skipped: set[str] | frozenset[str], guard: Guard, record: Any = None
) -> dict[str, Any]:
    """Return the fields of a line that may be written."""
    given = {key: value for key, value in fields.items() if key not in skipped}
    running = Running(sys._getframe(2), _DEPTH)  # noqa: SLF001
    source = record if isinstance(record, logging.LogRecord) else None
    clean, proven = told_fields(given | written.marked(given, guard, running), "stdout", guard, source, running)
    return clean | proven


def stack_trace(exc_info: Any, guard: Guard) -> str | None:
    """Return the stack trace of what an `exc_info` argument means, without source lines."""
    error = exceptions.exception_in(exc_info)
    return exceptions.render(exceptions.view(error, guard.messages)) if error is not None else None


def print_failure(guard: Guard) -> None:
    """Print that writing a line failed, and the guarded exception that is being handled; never raise."""
    trace = stack_trace(True, guard)
    with contextlib.suppress(Exception):
        sys.stderr.write(f"--- Logging error ---\n{trace}\n")
