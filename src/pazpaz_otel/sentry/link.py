"""Which span an error belongs to, and the marks by which span and event find each other.

An exception is marked by the innermost span that it leaves (`Span.record_exception`, which `start_as_current_span`
calls), or by the span that is active where it is captured. The mark holds the event id beforehand, so that
a span which ends before the error is captured carries it too.
"""

from __future__ import annotations

import re
import uuid
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode

from pazpaz_otel import patches
from pazpaz_otel.redact import drops
from pazpaz_otel.sentry import request

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import Span as SdkSpan
    from opentelemetry.trace import Span, SpanContext

    from pazpaz_otel.sentry.capture import Capture
    from pazpaz_otel.sentry.request import RequestContext

EVENT_ID: Final = "sentry.event_id"
_ID: Final = re.compile(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")
# A random one has a dozen; digits alone may number a person.
_LETTER: Final = re.compile(r"[a-f].*[a-f].*[a-f]")
_MARK: Final = "_pazpaz_otel_mark"


def new_id() -> str:
    """Return an event's identifier: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def valid_id(value: object) -> str | None:
    """Return an event's identifier as Sentry takes it, or None where it isn't a random (version 4) one."""
    plain = value.replace("-", "").lower() if isinstance(value, str) else ""
    return plain if _ID.fullmatch(plain) and _LETTER.search(plain) else None


@dataclass(slots=True)
class ErrorLink:
    """What is known of an exception on its way."""

    _request: weakref.ref[RequestContext] | None
    context: SpanContext | None = None
    """The span that was active where it was raised."""
    event_id: str = field(default_factory=new_id)
    captured: bool = False
    """An event for it was made and not dropped."""
    capture: Capture | None = None
    """That event's capture, while it waits for the request's status."""

    @property
    def request(self) -> RequestContext | None:
        """The request that was served where the exception was first seen, while it is held."""
        return self._request() if self._request is not None else None

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        # What is known of an exception in this process means nothing in another, or on a copy.
        return type(None), ()


def mark(exc: BaseException) -> ErrorLink:
    """Return the exception's mark; a new one where it has none, or one of an earlier request (raised again)."""
    current = request.current()
    found = exc.__dict__.get(_MARK)
    # Without a request at hand (a handler that runs outside its context), it is the one it was marked with.
    if isinstance(found, ErrorLink) and (current is None or found.request is current) and not _other_trace(found):
        return found
    made = ErrorLink(weakref.ref(current) if current is not None else None)
    exc.__dict__[_MARK] = made
    return made


def active(noted: ErrorLink | None = None) -> SpanContext | None:
    """Return the context of the span that an event belongs to: the one noted on its exception, or the active one."""
    if noted is not None and noted.context is not None:
        return noted.context
    context = trace.get_current_span().get_span_context()
    return context if context.is_valid else None


def as_text() -> tuple[str, str] | None:
    """Return the active span's trace and span id in hexadecimal: the SDK's external propagation context."""
    context = active()
    return None if context is None else (trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id))


def annotate(span: Span, event_id: str, exc_type: str | None, *, handled: bool) -> None:
    """Put the event's id on the span: an unhandled error's has status ERROR, a handled one's an event."""
    if not span.is_recording():
        return
    if handled:
        attributes = {EVENT_ID: event_id} | ({"exception.type": exc_type} if exc_type else {})
        span.add_event("exception" if exc_type else "log", attributes)
        return
    span.set_attribute(EVENT_ID, event_id)
    span.set_status(Status(StatusCode.ERROR))


def watch_spans() -> None:
    """Mark each exception with the first span that records it. Harmless when called twice."""

    def noting(original: Callable[..., None]) -> Callable[..., None]:
        def record_exception(self: SdkSpan, exception: BaseException, *args: Any, **kwargs: Any) -> None:
            try:
                _note(self, exception)
            except Exception as error:  # noqa: BLE001  # telemetry never breaks the application
                drops.fail("sentry", error)
            original(self, exception, *args, **kwargs)

        return record_exception

    patches.install("span.record_exception.link", noting)


def _note(span: SdkSpan, exc: BaseException) -> None:
    noted = mark(exc)
    if noted.context is not None:
        return
    noted.context = span.get_span_context()
    status = getattr(exc, "status_code", None)
    expected = isinstance(status, int) and status < 500  # noqa: PLR2004  # a server error's first status
    if isinstance(exc, Exception) and not expected and request.capturing():
        span.set_attribute(EVENT_ID, noted.event_id)


def _other_trace(found: ErrorLink) -> bool:
    context = trace.get_current_span().get_span_context()
    return found.context is not None and context.is_valid and context.trace_id != found.context.trace_id
