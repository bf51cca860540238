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
from pazpaz_otel.redact import text
from pazpaz_otel.redact.exception_text import judge_near
from pazpaz_otel.redact.exceptions import exception_in
from pazpaz_otel.redact.fields import bound_fields
from pazpaz_otel.redact.log_record import DEPTH, told_of
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance.assigned import assigned_in
from pazpaz_otel.redact.provenance.callers import first_outside
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.sentry import exceptions, link, request

if TYPE_CHECKING:
    from opentelemetry.trace import Span, SpanContext

_SKIPPED_MODULES: Final = ("pazpaz_otel.sentry.", "sentry_sdk.", "logging.", "structlog.")

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
    fingerprint: frozenset[str] = frozenset()
    """The proven parts of the event's fingerprint."""
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
    exc = exception_in(hint.get("exc_info"))
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
        made.message, made.fields = told_of(record.msg, record, Running(frame, DEPTH), messages)
    elif isinstance(event.get("message"), str):
        judged = text.judge(event["message"], Running(frame), messages).text
        made.message = judge_near(event["message"], messages) if judged is None else judged
    made.fields = {**bound_fields(), **made.fields}
    made.request_id = (
        (now.request_id if now else None)
        or made.fields.get("request_id")
        or getattr(record, "request_id", None)
        or (now.headers.get("x-request-id") if now else None)
    )
    if exc is not None:
        made.exceptions = exceptions.chain(exc, made.mechanism, messages)
    elif "exception" not in event:
        made.stack = exceptions.stack(first_outside(frame, _SKIPPED_MODULES))
    return made


def proven_fingerprint(event: Mapping[str, Any], scope: object, before_send: object = None) -> frozenset[str]:
    """Return what may leave of a fingerprint: literals of the running call and of assignments to the scope.

    Args:
        event: the event of the SDK or the application.
        scope: the scope whose data the SDK adds to it.
        before_send: the application's hook that may change its events last.
    """
    given = event.get("fingerprint") or getattr(scope, "_fingerprint", None)
    frame = first_outside(sys._getframe(1), _SKIPPED_MODULES)  # noqa: SLF001  # the documented way to a frame
    parts = [part for part in given if type(part) is str] if isinstance(given, (list, tuple)) else []
    assigned = [
        assigned_in(spot.code, spot.module, "fingerprint").literals for spot in (Running(frame) if parts else ())
    ]
    if isinstance(before_send, FunctionType):
        assigned.append(assigned_in(before_send.__code__, before_send.__globals__, "fingerprint").literals)
    return frozenset(part for part in parts if text.prove(part, frame)).union(*assigned)


def mechanism_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what caught the exception, and whether the application handles it."""
    found = [value.get("mechanism") for value in tables.values(event.get("exception"))]
    known = [value for value in found if isinstance(value, Mapping)]
    kinds = [value.get("type") for value in known if isinstance(value.get("type"), str)]
    kind = kinds[-1] if kinds and kinds[-1] in tables.MECHANISMS else "generic"
    return {"type": kind, "handled": not any(value.get("handled") is False for value in known)}
