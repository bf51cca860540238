"""Encode a finished span as an OTLP `Span` message (opentelemetry/proto/trace/v1/trace.proto)."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import DEFAULT_TRACE_STATE, SpanKind, StatusCode

from pazpaz_otel.otel.otlp import wire
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.trace import Link, SpanContext, Status

_KINDS: Final = {
    SpanKind.INTERNAL: b"0\x01",
    SpanKind.SERVER: b"0\x02",
    SpanKind.CLIENT: b"0\x03",
    SpanKind.PRODUCER: b"0\x04",
    SpanKind.CONSUMER: b"0\x05",
}
_IS_LOCAL: Final = 0x100
"""The flag which says that it is known whether the parent is remote."""
_IS_REMOTE: Final = 0x300
UNSET: Final = b"z\x00"
"""The status that was never set: empty but present, as the SDK's encoder writes it."""
_pack_identity: Final = Struct("<2s16s2s8scQcQ").pack
_pack_time: Final = Struct("<cQ").pack
_LOCAL_PARENT: Final = b"\x85\x01" + _IS_LOCAL.to_bytes(4, "little")
_REMOTE_PARENT: Final = b"\x85\x01" + _IS_REMOTE.to_bytes(4, "little")
_LINK_LOCAL: Final = b"\x35" + _IS_LOCAL.to_bytes(4, "little")
_LINK_REMOTE: Final = b"\x35" + _IS_REMOTE.to_bytes(4, "little")


def encode(span: ReadableSpan) -> bytes:
    """Return the span's message.

    Raises:
        UnicodeEncodeError: a name or description isn't valid UTF-8.
    """
    return b"".join(
        (
            identity(span.context, span.parent, span.start_time, span.end_time),
            description(span.name, span.kind, span.attributes),
            wire.number(b"\x50", span.dropped_attributes),
            events_and_links(span),
            status(span.status),
        )
    )


def identity(context: SpanContext | None, parent: SpanContext | None, start: int | None, end: int | None) -> bytes:
    """Return the fields that differ between all spans: ids, parent and times."""
    assert context is not None
    trace_id, span_id, _, _, state, _ = context
    flags, above = _LOCAL_PARENT, b""
    if parent is not None:
        _, parent_id, is_remote, _, _, _ = parent
        above = b'"\x08' + parent_id.to_bytes(8, "big")
        flags = _REMOTE_PARENT if is_remote else _LOCAL_PARENT
    # The usual state's length is a function in Python. A span with a shape comes without its context cleaned.
    if state is not DEFAULT_TRACE_STATE and state:
        drops.drop("trace_state", "unlisted_key")
    trace, own = trace_id.to_bytes(16, "big"), span_id.to_bytes(8, "big")
    return _pack_identity(b"\n\x10", trace, b"\x12\x08", own, b"\x39", start, b"\x41", end) + above + flags


def description(name: str, kind: SpanKind, attributes: Mapping[str, Any] | None) -> bytes:
    """Return the fields that spans with one shape share: name, kind and attributes."""
    return b"".join((wire.text(b"*", name), _KINDS[kind], wire.attributes(b"J", attributes, "span_attribute")))


def events_and_links(span: ReadableSpan) -> bytes:
    """Return the fields with events and links, and how many were dropped."""
    return b"".join(
        (
            *[wire.field(b"Z", _event(event)) for event in span.events],
            wire.number(b"\x60", span.dropped_events),
            *[wire.field(b"j", _link(link)) for link in span.links],
            wire.number(b"\x70", span.dropped_links),
        )
    )


def status(status: Status) -> bytes:
    """Return the status field."""
    if status.status_code is StatusCode.UNSET:
        return UNSET
    return wire.field(b"z", wire.text(b"\x12", status.description) + wire.number(b"\x18", status.status_code.value))


def _event(event: Event) -> bytes:
    return b"".join(
        (
            _pack_time(b"\x09", event.timestamp) if event.timestamp else b"",
            wire.text(b"\x12", event.name),
            wire.attributes(b"\x1a", event.attributes, "span_event"),
            wire.number(b"\x20", event.dropped_attributes),
        )
    )


def _link(link: Link) -> bytes:
    return b"".join(
        (
            b"\n\x10",
            link.context.trace_id.to_bytes(16, "big"),
            b"\x12\x08",
            link.context.span_id.to_bytes(8, "big"),
            wire.attributes(b"\x22", link.attributes, "span_link"),
            wire.number(b"\x28", link.dropped_attributes),
            _LINK_REMOTE if link.context.is_remote else _LINK_LOCAL,
        )
    )
