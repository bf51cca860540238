"""What is known only while an error is being captured: the live exception, the log record, the span, the request."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace

from pazpaz_otel.compile import sentry as tables
from pazpaz_otel.redact import log_templates, text
from pazpaz_otel.redact.exception_text import judge_handled
from pazpaz_otel.redact.fields import EVENT_KEYS, rendered_fields
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance.assigned import assigned_in
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.sentry import exceptions, link, request

if TYPE_CHECKING:
    from types import FrameType

    from opentelemetry.trace import Span, SpanContext

_SKIPPED_MODULES: Final = ("pazpaz_otel.sentry", "sentry_sdk", "logging", "structlog")

current: ContextVar[Capture | None] = ContextVar("pazpaz_otel_sentry_capture", default=None)
"""The capture in progress: the SDK calls the transport in the same thread, before it returns."""


@dataclass(slots=True)
class Capture:
    """An error between its capture and the transport."""

    event_id: str
    span: Span
    context: SpanContext | None
    request: request.RequestContext | None
    mark: link.ErrorLink | None = None
    exceptions: list[dict[str, Any]] = field(default_factory=list)
    message: str | None = None
    """The proven template of a log call or message, or None."""
    stack: list[dict[str, Any]] = field(default_factory=list)
    """Where a message without an exception came from."""
    request_id: object = None
    fields: Mapping[str, object] = field(default_factory=dict)
    """Structured fields of a log call, and structlog's context."""
    mechanism: dict[str, Any] = field(default_factory=lambda: {"type": "generic", "handled": True})

    @property
    def handled(self) -> bool:
        """Return whether the application handled the exception."""
        return bool(self.mechanism["handled"])

    @property
    def type(self) -> str | None:
        """The exception's type, in the form that may leave."""
        return self.exceptions[-1]["type"] if self.exceptions else None


def open_capture(event: Mapping[str, Any], hint: Mapping[str, Any] | None, messages: Messages = NO_MESSAGES) -> Capture:
    """Collect what is known; call it in the error's thread and context.

    Args:
        event: the event of the SDK or the application.
        hint: `exc_info` or `log_record`, as the SDK's integrations pass them.
        messages: the policy's messages.
    """
    hint = hint or {}
    exc = exception_of(hint)
    noted = link.mark(exc) if exc is not None else None
    now = request.current()
    made = Capture(
        event_id=link.valid_id(event.get("event_id")) or (noted.event_id if noted else link.new_id()),
        span=trace.get_current_span(),
        context=link.active(noted),
        request=now,
        mark=noted,
        mechanism=mechanism_of(event),
    )
    if noted is not None and noted.context is None:
        noted.context = made.context
    record = hint.get("log_record")
    frame = sys._getframe(1)  # noqa: SLF001  # the documented way to a frame
    if isinstance(record, logging.LogRecord):
        made.message, made.fields = template(record, frame, messages)
    elif isinstance(event.get("message"), str):
        judged = text.judge(event["message"], Running(frame), messages).text
        made.message = judge_handled(event["message"], messages) if judged is None else judged
    made.fields = {**request.log_context(), **made.fields}
    made.request_id = (
        (now.request_id if now else None)
        or made.fields.get("request_id")
        or getattr(record, "request_id", None)
        or (now.incoming_id if now else None)
    )
    if exc is not None:
        made.exceptions = exceptions.chain(exc, made.mechanism, messages)
    elif "exception" not in event:
        made.stack = exceptions.stack(_caller(frame))
    return made


def prove_fingerprint(event: Mapping[str, Any], scope: object, before_send: object = None) -> None:
    """Prove an event's fingerprint while it is captured, from literals of the call and of assignments to the scope.

    Args:
        event: the event of the SDK or the application.
        scope: the scope whose data the SDK adds to it.
        before_send: the application's hook that may change its events last.
    """
    given = event.get("fingerprint") or getattr(scope, "_fingerprint", None)
    frame = _caller(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
    for part in given if isinstance(given, (list, tuple)) else ():
        if type(part) is str and not text.prove(part, frame):
            found = any(part in assigned_in(spot.code, spot.module, "fingerprint").literals for spot in Running(frame))
            if found:
                text.remember(text.Kept(part))
    if isinstance(before_send, FunctionType):
        for part in assigned_in(before_send.__code__, before_send.__globals__, "fingerprint").literals:
            text.remember(text.Kept(part))


def exception_of(hint: Mapping[str, Any]) -> BaseException | None:
    """Return the live exception in a hint, or None."""
    exc_info = hint.get("exc_info")
    found = exc_info[1] if isinstance(exc_info, tuple) and len(exc_info) > 1 else exc_info
    return found if isinstance(found, BaseException) else None


def template(
    record: logging.LogRecord, frame: FrameType | None, messages: Messages = NO_MESSAGES
) -> tuple[str | None, Mapping[str, object]]:
    """Return the text of a log call as it is in the source, and its structured fields.

    Args:
        record: a record of `logging`, whose message is text, structlog's event dictionary, or that as JSON.
        frame: a frame inside the log call.
        messages: the policy's messages.
    """
    structured = log_templates.event_of(record)
    if structured is not None and structured.template is not None:
        return structured.template, structured.fields
    found = log_templates.template_of(record, messages)
    if found is not None:
        return found, {}
    fields = _fields(record.msg)
    texts = (fields[key] for key in EVENT_KEYS if isinstance(fields.get(key), str))
    event = next(texts, None) if fields else record.msg
    if not isinstance(event, str):
        return None, fields
    return text.judge(event, Running(frame), messages).text, fields


def mechanism_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what caught the exception, and whether the application handles it."""
    values = _values(event.get("exception"))
    found = [value.get("mechanism") for value in values if isinstance(value, Mapping)]
    known = [value for value in found if isinstance(value, Mapping)]
    kinds = [value.get("type") for value in known if isinstance(value.get("type"), str)]
    kind = kinds[-1] if kinds and kinds[-1] in tables.MECHANISMS else "generic"
    return {"type": kind, "handled": not any(value.get("handled") is False for value in known)}


def _values(interface: object) -> list[Any]:
    values = interface.get("values") if isinstance(interface, Mapping) else interface
    return list(values) if isinstance(values, (list, tuple)) else []


def _fields(message: object) -> Mapping[str, Any]:
    return message if isinstance(message, Mapping) else rendered_fields(message) or {}


def _caller(frame: FrameType | None) -> FrameType | None:
    """Return the first frame outside the SDK, the logging library and this package."""
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(_SKIPPED_MODULES):
        frame = frame.f_back
    return frame
