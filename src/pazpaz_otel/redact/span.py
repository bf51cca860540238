"""Guard spans: rebuild them from what is proven, surface by surface."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import Link, SpanContext, SpanKind
from opentelemetry.trace.status import Status, StatusCode

from pazpaz_otel.redact import drops, sealed, text
from pazpaz_otel.redact.provenance.module_index import simple_name_proven
from pazpaz_otel.redact.times import is_recent_nano, microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import Event, ReadableSpan

    from pazpaz_otel.redact.guards import Guard

_RAISED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.]{0,255}): (.*)", re.DOTALL)


class SpanGuard:
    """Build a span that may leave from one that may not."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def clean(self, span: ReadableSpan) -> ReadableSpan:
        """Return a new span with the same identity, kind, parent, link targets, and times to the microsecond."""
        guard = self._guard
        attributes, dropped = guard.attributes.clean(_plain(span), "span_attribute")
        dropped += span.dropped_attributes
        # Reading them makes two copies under a lock, and they are usually empty.
        events = span.events if getattr(span, "_events", True) else ()
        links = span.links if getattr(span, "_links", True) else ()
        status = span.status
        return sealed.span(
            name=guard.names.span(span.name, attributes),
            context=clean_context(span.context),
            parent=None if span.parent is None else clean_context(span.parent),
            resource=guard.resource(span.resource),
            attributes=sealed.attributes(attributes, dropped),
            events=sealed.items([self._event(event) for event in events], span.dropped_events),
            links=sealed.items([self._link(link) for link in links], span.dropped_links),
            kind=span.kind,
            status=_plain_status(status.status_code) if status.description is None else self.status(status),
            start_time=microseconds(span.start_time),
            end_time=microseconds(span.end_time),
            instrumentation_scope=guard.scope(span.instrumentation_scope),
        )

    def status(self, status: Status) -> Status:
        """Return the status with the proven part of its description."""
        if status.description is None:
            return status
        found = self._description(status.description)
        if found is None:
            drops.drop("span_status", "unproven_text")
        return sealed.status(status.status_code, found)

    def _description(self, given: object) -> str | None:
        description = text.exact(given)
        if description is None:
            return None
        messages = self._guard.messages
        if type(given) is text.Refused:
            return messages.match(description)
        found = text.judge(description).text
        if found is not None:
            return found
        # The SDK describes an escaped exception as "{type}: {message}".
        raised = _RAISED.fullmatch(description)
        if raised is not None and simple_name_proven(raised[1]):
            return f"{raised[1]}: {text.judge(raised[2], (), messages).text or text.PLACEHOLDER}"
        return messages.match(description)

    def _event(self, event: Any) -> Event:
        given = _plain(event)
        attributes, dropped = self._guard.attributes.clean(given, "span_event")
        if given and "exception.message" in given:
            attributes.setdefault("exception.message", text.PLACEHOLDER)
        values = sealed.attributes(attributes, dropped + event.dropped_attributes)
        return sealed.event(self._guard.names.event(event.name), microseconds(event.timestamp), values)

    def _link(self, link: Link) -> Link:
        # No statement was asked about a link's names: what others have said proves none of them.
        written, given = self._guard.attributes.written, dict(link.attributes or {})
        given |= {key: text.Refused(given[key]) for key in written & given.keys() if type(given[key]) is str}
        attributes, dropped = self._guard.attributes.clean(given, "span_link")
        context = clean_context(link.context)
        assert context is not None
        return sealed.link(context, sealed.attributes(attributes, dropped + link.dropped_attributes))


def is_encodable(span: ReadableSpan) -> bool:
    """Return whether an exporter can encode the span; one that can't be encoded would lose its whole batch."""
    return (
        is_recent_nano(span.start_time)
        and is_recent_nano(span.end_time)
        and type(span.kind) is SpanKind
        and type(span.status.status_code) is StatusCode
        and all(is_recent_nano(event.timestamp) for event in span.events)
    )


def clean_context(context: SpanContext | None) -> SpanContext | None:
    """Return a span context without trace state, which is free text from other services (W3C Trace Context §3.3)."""
    if context is None or not context.trace_state:
        return context
    drops.drop("trace_state", "unlisted_key")
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _plain(item: ReadableSpan | Event) -> Mapping[str, Any] | None:
    # The SDK's mapping locks for every read; the dictionary inside no longer changes once it is immutable.
    held: Any = getattr(item, "_attributes", None)
    if getattr(held, "_immutable", False) and (inner := getattr(held, "_dict", None)).__class__ is dict:
        return inner
    found = item.attributes
    return dict(found.items()) if found else None


@functools.lru_cache(maxsize=8)
def _plain_status(code: StatusCode) -> Status:
    return sealed.status(code, None)
