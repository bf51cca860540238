"""The link between an error and its span.

An exception is marked by the innermost span that it leaves (`Span.record_exception`, which `start_as_current_span`
calls), or by the span that is active when it is captured. The mark contains the event id in advance, so that a span
that ends before the capture carries the id too.
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
from pazpaz_otel.redact.by_identity import ByIdentity
from pazpaz_otel.sentry import request

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import Span as SdkSpan
    from opentelemetry.trace import Span, SpanContext

    from pazpaz_otel.sentry.capture import Capture
    from pazpaz_otel.sentry.request import RequestContext

EVENT_ID: Final = "sentry.event_id"
_ID: Final = re.compile(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}")
# A random id has a dozen letters; digits alone could be a person's number.
_LETTER: Final = re.compile(r"[a-f].*[a-f].*[a-f]")


def new_id() -> str:
    """Return a new event id of 32 hexadecimal digits."""
    return uuid.uuid4().hex


def valid_id(value: object) -> str | None:
    """Return the event id in Sentry's form, or None if it isn't random (version 4)."""
    plain = value.replace("-", "").lower() if isinstance(value, str) else ""
    return plain if _ID.fullmatch(plain) and _LETTER.search(plain) else None


@dataclass(slots=True)
class ErrorLink:
    """What is known about an exception that is still propagating."""

    _request: weakref.ref[RequestContext] | None
    context: SpanContext | None = None
    """The span that was active where it was raised."""
    event_id: str = field(default_factory=new_id)
    captured: bool = False
    """Whether an event was created for it and not dropped."""
    capture: Capture | None = None
    """The capture of that event, while it waits for the request's status."""

    @property
    def request(self) -> RequestContext | None:
        """The request in which the exception was first seen, while it is referenced."""
        return self._request() if self._request is not None else None

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        # The link is meaningless in another process or on a copy.
        return type(None), ()


_marks: Final[ByIdentity[BaseException, ErrorLink]] = ByIdentity()


def mark(exc: BaseException) -> ErrorLink:
    """Return the exception's link; a new one if it has none, or one from an earlier request (raised again)."""
    current = request.current()
    found = _marks.get(exc)
    # If no request is known (in a handler outside its context), the existing link's request applies.
    if isinstance(found, ErrorLink) and (current is None or found.request is current) and not _other_trace(found):
        return found
    made = ErrorLink(weakref.ref(current) if current is not None else None)
    _marks.keep(exc, made)
    return made


def active(noted: ErrorLink | None = None) -> SpanContext | None:
    """Return the span context that an event belongs to: the one recorded on its exception, or the active one."""
    if noted is not None and noted.context is not None:
        return noted.context
    context = trace.get_current_span().get_span_context()
    return context if context.is_valid else None


def as_text() -> tuple[str, str] | None:
    """Return the active span's trace and span id in hexadecimal, as the SDK's external propagation context."""
    context = active()
    return None if context is None else (trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id))


def annotate(span: Span, event_id: str, exc_type: str | None, *, handled: bool) -> None:
    """Put the event's id on the span: with status ERROR for an unhandled error, as an event for a handled one."""
    if not span.is_recording():
        return
    if handled:
        attributes = {EVENT_ID: event_id} | ({"exception.type": exc_type} if exc_type else {})
        span.add_event("exception" if exc_type else "log", attributes)
        return
    span.set_attribute(EVENT_ID, event_id)
    span.set_status(Status(StatusCode.ERROR))


def watch_spans() -> None:
    """Link each exception to the first span that records it; repeated calls are harmless."""

    def noting(original: Callable[..., None]) -> Callable[..., None]:
        def record_exception(self: SdkSpan, exception: BaseException, *args: Any, **kwargs: Any) -> None:
            with drops.contained("sentry"):
                _note(self, exception)
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
