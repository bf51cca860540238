"""Guard a line that the application writes itself: its template, fields by the policy, and frames without source."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy.kinds.http import HTTP_METHODS
from pazpaz_otel.redact import drops, exceptions, text
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.fields import prove_fields
from pazpaz_otel.redact.log_templates import error_of, event_of, template_of
from pazpaz_otel.redact.logger_names import ROOT, logger_name
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from pazpaz_otel.redact.guards import Guard

LEVELS: Final = frozenset({"notset", "debug", "info", "warning", "warn", "error", "critical", "fatal", "exception"})
_ATTRIBUTES: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Deep enough for structlog's own frames between the processor and the logging statement.
_DEPTH: Final = 24
_ACCESS: Final = "uvicorn.access"
_VERSIONS: Final = frozenset({"1.0", "1.1", "2", "3"})
_SUCCESS, _HIGHEST = 100, 599


def guarded_event(event_dict: MutableMapping[str, Any], guard: Guard) -> MutableMapping[str, Any]:
    """Return a structlog event with proven parts only; never raise."""
    record = event_dict.get("_record")
    clean: dict[str, Any] = {key: event_dict[key] for key in ("_record", "_from_structlog") if key in event_dict}
    try:
        clean["event"] = guarded_text(event_dict.get("event"), record, guard)
        if event_dict.get("exc_info"):
            trace = stack_trace(event_dict["exc_info"], guard)
            if trace:
                clean["exception"] = trace
        if event_dict.get("level") in LEVELS:
            clean["level"] = event_dict["level"]
        skipped = {"event", "exc_info", "level", "_record", "_from_structlog"}
        clean.update(guarded_values(event_dict, skipped, guard, record))
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("stdout", error)
        return {**clean, "event": text.PLACEHOLDER}
    return clean


def guarded_record(record: logging.LogRecord, guard: Guard) -> logging.LogRecord:
    """Return a copy of `record` with proven parts only."""
    kept = {
        key: value
        for key, value in vars(record).items()
        # A filter can put a text in these fields.
        if key in {"created", "msecs", "relativeCreated", "levelno", "process", "thread", "lineno"}
        and type(value) in {int, float}
    }
    clean = logging.makeLogRecord(kept)
    clean.levelname = record.levelname if record.levelname.lower() in LEVELS else "NOTSET"
    clean.name = logger_name(record.name) or ROOT
    clean.msg = guarded_text(record.msg, record, guard)
    clean.args = _access_args(record)
    clean.pathname = exceptions.relative_path(record.pathname) or ""
    clean.filename = clean.pathname.rpartition("/")[2]
    clean.module = clean.filename.removesuffix(".py")
    clean.funcName = record.funcName if exceptions.function_name_proven(record.funcName or "", record.pathname) else ""
    clean.threadName = clean.processName = ""
    if hasattr(clean, "taskName"):
        clean.taskName = None
    error = error_of(record)
    if error is not None:
        clean.exc_text = stack_trace(error, guard)
    vars(clean).update(guarded_values(vars(record), _ATTRIBUTES, guard, record))
    return clean


def guarded_text(event: Any, record: Any, guard: Guard) -> str:
    """Return the template of a line, or the placeholder; call it while the logging statement is running."""
    messages = guard.messages
    if isinstance(record, logging.LogRecord):
        template = template_of(record)
        if template is not None:
            return template
    if isinstance(event, BaseException):
        return judge_message(event, messages=messages).text or text.PLACEHOLDER
    if isinstance(event, str):
        # Without a runtime, our factory creates no records; the logging statement is still running here.
        found = text.judge(str(event), Running(sys._getframe(2), _DEPTH)).text  # noqa: SLF001
        if found is not None:
            return found
        found = template_of(record, messages) if isinstance(record, logging.LogRecord) else messages.match(str(event))
        if found is not None:
            return found
    drops.drop("stdout", "unproven_text")
    return text.PLACEHOLDER


def guarded_values(
    fields: Mapping[str, Any], skipped: set[str] | frozenset[str], guard: Guard, record: Any = None
) -> dict[str, Any]:
    """Return the fields of a line that may be written."""
    given = {key: value for key, value in fields.items() if key not in skipped}
    clean, _ = guard.attributes.clean(given, "stdout")
    undeclared = {key: value for key, value in given.items() if key not in guard.policy.attributes}
    event = event_of(record) if isinstance(record, logging.LogRecord) else None
    if event is not None:
        return {**clean, **{key: value for key, value in event.proven.items() if key in undeclared}}
    if undeclared:
        clean |= prove_fields(undeclared, Running(sys._getframe(2), _DEPTH))  # noqa: SLF001
    return dict(clean)


def stack_trace(exc_info: Any, guard: Guard) -> str | None:
    """Return an exception's stack trace without source lines; for `True`, of the one being handled."""
    error = exc_info if isinstance(exc_info, BaseException) else None
    if isinstance(exc_info, tuple):
        error = exc_info[1]
    elif error is None:
        error = sys.exc_info()[1]
    return exceptions.render(exceptions.view(error, guard.messages)) if error is not None else None


def _access_args(record: logging.LogRecord) -> tuple[Any, ...] | None:
    """Return what uvicorn's access formatter needs: method, version and status belong to closed sets."""
    if record.name != _ACCESS or not isinstance(record.args, tuple) or len(record.args) != 5:  # noqa: PLR2004
        return None
    _, method, _, version, status = record.args
    return (
        "-",
        method if method in HTTP_METHODS else "_OTHER",
        "-",
        version if version in _VERSIONS else "-",
        status if type(status) is int and _SUCCESS <= status <= _HIGHEST else 0,
    )
