"""A shortcut from a `logging` record to its queued bytes, for records of which only the template leaves.

OpenTelemetry's handlers format the template, copy the record three times and encode it with a message object per field.
A line without an exception whose template is proven, or whose whole text isn't, needs none of that. For any other
record or pipeline, `emit` does nothing and the SDK handles the record with the same result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk._logs import LoggerProvider, LogRecordLimits
from opentelemetry.sdk._logs._internal import std_to_otel
from opentelemetry.trace import get_current_span

from pazpaz_otel.otel.otlp import logs, wire
from pazpaz_otel.otel.otlp.processor import OtlpLogRecordProcessor
from pazpaz_otel.otel.otlp.request import Encoded
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.emission import count_emitted
from pazpaz_otel.redact.fields import fields_of
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.log_line import STANDARD
from pazpaz_otel.redact.log_record import severity_text
from pazpaz_otel.redact.log_templates import ProvenLogRecord, event_of, is_judged, template_of
from pazpaz_otel.redact.text import PLACEHOLDER
from pazpaz_otel.redact.times import is_recent_nano, microseconds
from pazpaz_otel.redact.trace_ids import TRACE_FLAGS

if TYPE_CHECKING:
    import logging

    from opentelemetry.trace import SpanContext

PLAIN: Final = (bool, str, bytes, int, float, Mapping, Sequence)
"""Types of exported fields; the SDK would warn about others."""
_TOLD_OTHERWISE: Final = frozenset({"otel.event.name", "event.name", "exception.message"})
"""Fields that aren't exported as attributes of the record, or not unchanged."""
_NAMES: Final = {"WARNING": "WARN", "CRITICAL": "FATAL"}
"""Levels with another name in the logs data model, as mapped by the handlers."""

_NO_FIELDS: Final[Mapping[str, Any]] = {}

_loggers: FifoCache[str, tuple[LoggerProvider, Any]] = FifoCache(2048)
_descriptions: FifoCache[tuple[str, int, str], bytes] = FifoCache(4096)
"""Severity and body by template and level; templates are in the source, so their number is limited."""


def emit(handler: Any, record: logging.LogRecord) -> bool:
    """Queue the record's bytes and return True, or return False to leave it to the SDK."""
    provider = handler._logger_provider  # noqa: SLF001 - the handlers have no other way to it
    processor = _only_processor(provider)
    if processor is None or handler.formatter is not None or getattr(handler, "_log_code_attributes", False):
        return False
    guard = processor.guard
    if guard.closed or record.__class__ is not ProvenLogRecord or record.exc_info:
        return False
    told = _told(record, processor, provider._log_record_limits)  # noqa: SLF001 - as its loggers hand it on
    timestamp = microseconds(int(record.created * 1e9))
    logger = _logger(provider, record.name)
    if told is None or logger is None or not is_recent_nano(timestamp):
        return False
    template, fields = told
    if template is None:
        drops.drop("log_body", "unproven_text")
    resource, scope = guard.resource(logger.resource), guard.scope(logger.instrumentation_scope)
    context: SpanContext = get_current_span().get_span_context()
    content = [
        logs.moment(timestamp, time_ns()),
        _described(PLACEHOLDER if template is None else template, record),
        logs.identity(context.trace_id, context.span_id, context.trace_flags & TRACE_FLAGS),
    ]
    if fields:
        content.append(wire.attributes(b"2", processor.logs.attributes(fields, record), "log_attribute"))
    count_emitted()
    logger._logger_metrics.emit_log()  # noqa: SLF001 - the SDK counts what it is given
    processor.queue(Encoded(resource, scope, b"".join(content)))
    return True


def _told(
    record: logging.LogRecord, processor: OtlpLogRecordProcessor, limits: LogRecordLimits
) -> tuple[str | None, Mapping[str, Any]] | None:
    """Return the template, if any is proven, and the fields, or None if the record has more than that."""
    event = event_of(record)
    if event is None:
        template, fields = template_of(record, processor.guard.messages), _NO_FIELDS
        if template is None and not _is_settled(record):
            return None
    elif event.error is None and event.template is not None:
        template, fields = event.template, event.fields
    else:
        return None
    if not record.__dict__.keys() <= STANDARD:
        given = vars(record).items()
        own = {key: value for key, value in given if key not in STANDARD and isinstance(value, PLAIN)}
        most = limits.max_log_record_attributes
        if limits.max_log_record_attribute_length is not None or (most is not None and len(own) > most):
            return None
        fields = {**fields, **own}
    return (template, fields) if _TOLD_OTHERWISE.isdisjoint(fields) else None


def _is_settled(record: logging.LogRecord) -> bool:
    """Return whether all of an unproven text was judged where it was logged, and it has no fields of its own."""
    text = record.msg
    return type(text) is str and not record.args and is_judged(record) and fields_of(text) is None


def _only_processor(provider: Any) -> OtlpLogRecordProcessor | None:
    """Return the provider's processor if it is the only one, because others may read emitted records."""
    if provider.__class__ is not LoggerProvider:
        return None
    multi: Any = provider._multi_log_record_processor  # noqa: SLF001
    processors: tuple[Any, ...] = getattr(multi, "_log_record_processors", ())
    only = processors[0] if len(processors) == 1 else None
    return only if only.__class__ is OtlpLogRecordProcessor else None


def _logger(provider: LoggerProvider, name: str) -> Any:
    known = _loggers.get(name)
    if known is None or known[0] is not provider:
        known = _loggers.keep(name, (provider, provider.get_logger(name)))
    logger = known[1]
    # A logger disabled by a configuration, or a disabled SDK, emits nothing.
    return logger if getattr(logger, "_is_enabled", bool)() else None


def _described(template: str, record: logging.LogRecord) -> bytes:
    key = template, record.levelno, record.levelname
    known = _descriptions.get(key)
    if known is not None:
        return known
    name = severity_text(_NAMES.get(record.levelname, record.levelname))
    return _descriptions.keep(key, logs.description(std_to_otel(record.levelno), name, template))
