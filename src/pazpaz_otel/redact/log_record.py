"""Log records: the template leaves, its values only where their kind is proven."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from opentelemetry._logs import LogRecord, SeverityNumber

from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.log_templates import template_of
from pazpaz_otel.redact.times import is_recent_nano

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

    from opentelemetry.sdk._logs import ReadWriteLogRecord

    from pazpaz_otel.redact.guards import Guard

_SEVERITIES: Final = frozenset(
    "TRACE TRACE2 TRACE3 TRACE4 DEBUG DEBUG2 DEBUG3 DEBUG4 INFO INFO2 INFO3 INFO4 WARN WARN2 WARN3 WARN4 ERROR ERROR2"
    " ERROR3 ERROR4 FATAL FATAL2 FATAL3 FATAL4 WARNING CRITICAL NOTSET".split()
)
_EVENT_KEYS: Final = ("event", "message", "msg")
_LONGEST_JSON: Final = 65536
_DEPTH: Final = 40


class LogGuard:
    """Makes a log record that may leave out of one that may not."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def clean(self, item: ReadWriteLogRecord, source: logging.LogRecord | None = None) -> ReadWriteLogRecord:
        """A new record.

        Args:
            item: what was emitted.
            source: the record of the `logging` module that it was made from.
        """
        record = item.log_record
        body, fields = self.body(record.body, source)
        attributes, _ = self._guard.attributes.clean({**fields, **(record.attributes or {})}, "log_attribute")
        if record.attributes and "exception.message" in record.attributes:
            attributes.setdefault("exception.message", text.PLACEHOLDER)
        clean = LogRecord(
            timestamp=_time(record.timestamp),
            observed_timestamp=_time(record.observed_timestamp),
            context=record.context,
            severity_text=self._severity(record.severity_text),
            severity_number=number if isinstance(number := record.severity_number, SeverityNumber) else None,
            body=body,
            attributes=attributes,
            event_name=self._guard.names.event(record.event_name, "log") if record.event_name else None,
        )
        for identity in ("trace_id", "span_id", "trace_flags"):
            setattr(clean, identity, getattr(record, identity))
        return replace(
            item,
            log_record=clean,
            resource=self._guard.resources.clean(item.resource) if item.resource is not None else None,
            instrumentation_scope=self._guard.scope(item.instrumentation_scope),
        )

    def body(self, body: Any, source: logging.LogRecord | None = None) -> tuple[Any, Mapping[str, Any]]:
        """The body as it may leave, and the fields that were in it."""
        if body is None:
            return None, {}
        template = template_of(source) if source is not None else None
        if template is not None:
            return template, {}
        # A handler makes a text of a structlog event that is still a mapping.
        fields = _fields(source.msg if source is not None and isinstance(source.msg, dict) else body)
        if fields is not None:
            event = next((fields[key] for key in _EVENT_KEYS if isinstance(fields.get(key), str)), "")
            return self._text(event), {key: value for key, value in fields.items() if key not in _EVENT_KEYS}
        return self._text(body), {}

    def _text(self, body: Any) -> str:
        if isinstance(body, str):
            # A record is judged inside the statement that emits it, however many layers of logging lie between.
            found = str(body) if text.prove(str(body), depth=_DEPTH) else text.match_message(str(body))
            if found is not None:
                return found
        drops.drop("log_body", "unproven_text")
        return text.PLACEHOLDER

    def _severity(self, severity: str | None) -> str | None:
        return severity if severity in _SEVERITIES else None


def _time(nanoseconds: Any) -> int | None:
    # One that no exporter can encode would take the whole batch with it.
    return nanoseconds if is_recent_nano(nanoseconds) else None


def _fields(body: Any) -> dict[str, Any] | None:
    """The fields of a structured body: a mapping, or the JSON object that a renderer made of one."""
    if isinstance(body, dict):
        return body
    if isinstance(body, str) and body[:1] == "{" and len(body) <= _LONGEST_JSON:
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) else None
    return None
