"""Guard log records: the template leaves, its values only if their kind is proven."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from opentelemetry._logs import LogRecord, SeverityNumber

from pazpaz_otel.redact import drops, exceptions, text, written
from pazpaz_otel.redact.fields import EVENT_KEYS, fields_of, prove_fields
from pazpaz_otel.redact.log_templates import error_of, event_of, is_judged, template_of
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.printing import said
from pazpaz_otel.redact.proof_mark import marked
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.times import is_recent_nano, microseconds
from pazpaz_otel.redact.trace_ids import identity

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping

    from opentelemetry.sdk._logs import ReadWriteLogRecord

    from pazpaz_otel.redact.attributes import Value
    from pazpaz_otel.redact.fields import Shown
    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.redact.provenance.places import Spot

_SEVERITIES: Final = frozenset(
    "TRACE TRACE2 TRACE3 TRACE4 DEBUG DEBUG2 DEBUG3 DEBUG4 INFO INFO2 INFO3 INFO4 WARN WARN2 WARN3 WARN4 ERROR ERROR2"
    " ERROR3 ERROR4 FATAL FATAL2 FATAL3 FATAL4 WARNING CRITICAL NOTSET".split()
)
DEPTH: Final = 40
_MESSAGE: Final = "exception.message"


class LogGuard:
    """Build a log record that may leave from one that may not."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def clean(self, item: ReadWriteLogRecord, source: logging.LogRecord | None = None) -> ReadWriteLogRecord:
        """Return a guarded copy of an emitted record, made from the `logging` record `source`."""
        record = item.log_record
        error = record.exception if source is None else None
        body, fields = self.body(record.body, source, error)
        given = {**fields, **(record.attributes or {})}
        attributes = self.attributes(given, source, error)
        clean = LogRecord(
            timestamp=_time(record.timestamp),
            observed_timestamp=_time(record.observed_timestamp),
            context=record.context,
            severity_text=severity_text(record.severity_text),
            severity_number=number if type(number := record.severity_number) is SeverityNumber else None,
            body=body,
            attributes=attributes,
            event_name=self._event_name(record.event_name) if record.event_name else None,
        )
        clean.trace_id, clean.span_id, clean.trace_flags = identity(record)
        return replace(
            item,
            log_record=clean,
            resource=self._guard.resource(item.resource) if item.resource is not None else None,
            instrumentation_scope=self._guard.scope(item.instrumentation_scope),
        )

    def body(
        self, body: Any, source: logging.LogRecord | None = None, error: BaseException | None = None
    ) -> tuple[Any, Mapping[str, Any]]:
        """Return the body in the form in which it may leave, and the fields that it contained."""
        if body is None:
            return None, {}
        # The record is judged inside the statement that emits it, however many layers of logging are in between.
        told, fields = told_of(body, source, Running(sys._getframe(1), DEPTH), self._guard.messages)  # noqa: SLF001
        if told is None and error is not None and type(body) is str and body == said(error):
            # As an instrumentation writes an error that nobody handles.
            told = exceptions.view(error, self._guard.messages).message
        if told is None:
            drops.drop("log_body", "unproven_text")
        return text.PLACEHOLDER if told is None else told, fields

    def _event_name(self, given: object) -> str:
        name = text.exact(given)
        found = text.judge(name, Running(sys._getframe(1), DEPTH)).text  # noqa: SLF001
        return self._guard.names.event(text.Refused(name) if name and found is None else found, "log")

    def attributes(
        self, given: Mapping[str, Any], source: logging.LogRecord | None, error: BaseException | None = None
    ) -> dict[str, Any]:
        """Return the fields that may leave: by the policy, by the call's source, and the exception's own."""
        running = Running(sys._getframe(2), DEPTH)  # noqa: SLF001
        told = written.marked(given, self._guard, running)
        given = {**given, **told} if told else given
        attributes, proven = told_fields(given, "log_attribute", self._guard, source, running)
        return attributes | self._exception(given, error_of(source) if source is not None else error) | marked(proven)

    def _exception(self, given: Mapping[str, Any], error: BaseException | None) -> dict[str, Any]:
        """Return the record's exception, as on a span."""
        if error is None:
            return {_MESSAGE: text.PLACEHOLDER} if given.get(_MESSAGE) and not self._admits(given) else {}
        view = exceptions.view(error, self._guard.messages)
        told = {"exception.type": view.type, "exception.stacktrace": exceptions.render(view)}
        return told if view.message is None else {**told, _MESSAGE: view.message}

    def _admits(self, given: Mapping[str, Any]) -> bool:
        return self._guard.attributes.value(_MESSAGE, given[_MESSAGE], given) is not None


def told_of(
    line: Any, record: logging.LogRecord | None, spots: Iterable[Spot], messages: Messages = NO_MESSAGES
) -> tuple[str | None, Mapping[str, Any]]:
    """Return what may leave of the text of a line, or None, and the fields of a structured one."""
    if record is not None:
        template = template_of(record, messages)
        if template is not None:
            event = event_of(record)
            return template, event.fields if event is not None else {}
    # A handler turns a structlog event that is still a mapping into a text.
    fields = fields_of(record.msg if record is not None and isinstance(record.msg, dict) else line)
    if fields is not None:
        told = next((plain for key in EVENT_KEYS if (plain := text.exact(fields.get(key))) is not None), "")
        rest = {key: value for key, value in fields.items() if key not in EVENT_KEYS}
        return text.judge(told, spots, messages).text, rest
    if record is not None and is_judged(record) and (type(record.msg) is not str or line == record.getMessage()):
        # What the logging statement didn't prove isn't checked against it again.
        return messages.match(text.exact(line) or ""), {}
    return text.judge(text.exact(line), spots, messages).text, {}


def told_fields(
    given: Mapping[str, Any], surface: str, guard: Guard, record: logging.LogRecord | None, spots: Iterable[Spot]
) -> tuple[dict[str, Value], dict[str, Shown]]:
    """Return the fields that leave by the policy, and the others that the source of the log call proves.

    The rest is counted under the surface.
    """
    undeclared = {key: value for key, value in given.items() if key not in guard.policy.attributes}
    event = event_of(record) if record is not None else None
    if event is not None:
        proven = {key: value for key, value in event.proven.items() if key in undeclared}
    else:
        proven = prove_fields(undeclared, spots)
    rest = {key: value for key, value in given.items() if key not in proven} if proven else given
    return guard.attributes.clean(rest, surface)[0], proven


def severity_text(name: str | None) -> str | None:
    """Return a level's name in the form in which it may leave; an application may give its levels any name."""
    plain = text.exact(name)
    return plain if plain in _SEVERITIES else None


def _time(nanoseconds: Any) -> int | None:
    # A time that no exporter can encode would lose the whole batch.
    return microseconds(nanoseconds) if is_recent_nano(nanoseconds) else None
