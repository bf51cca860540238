"""Encode a log record as an OTLP `LogRecord` message (opentelemetry/proto/logs/v1/logs.proto)."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.otel.otlp import wire

if TYPE_CHECKING:
    from opentelemetry._logs import LogRecord

_pack_time: Final = Struct("<cQ").pack
_pack_flags: Final = Struct("<cI").pack
_TRACE: Final = b"J\x10"
_SPAN: Final = b"R\x08"


def encode(record: LogRecord, dropped: int = 0) -> bytes:
    """Return the record's message.

    Raises:
        TypeError: the body has a type without an OTLP value.
        ValueError: a text isn't valid UTF-8, or an integer has more than 64 bits.
    """
    return b"".join(
        (
            moment(record.timestamp, record.observed_timestamp),
            description(record.severity_number, record.severity_text, record.body),
            wire.attributes(b"2", record.attributes, "log_attribute"),
            wire.number(b"\x38", dropped),
            identity(record.trace_id, record.span_id, record.trace_flags),
            wire.text(b"b", record.event_name),
        )
    )


def moment(timestamp: int | None, observed: int | None) -> bytes:
    """Return the fields with the times when a record was created and observed, omitting unknown times."""
    return (_pack_time(b"\x09", timestamp) if timestamp else b"") + (_pack_time(b"\x59", observed) if observed else b"")


def description(severity: Any, severity_text: str | None, body: Any) -> bytes:
    """Return the fields that records of one place share, severity and body; raises like `encode`."""
    return b"".join(
        (
            b"" if severity is None else wire.number(b"\x10", severity.value),
            wire.text(b"\x1a", severity_text),
            wire.field(b"*", wire.any_value(body)),
        )
    )


def identity(trace_id: int | None, span_id: int | None, flags: int | None) -> bytes:
    """Return the fields with the record's span, omitting what isn't set."""
    return b"".join(
        (
            _pack_flags(b"E", flags) if flags else b"",
            _TRACE + trace_id.to_bytes(16, "big") if trace_id else b"",
            _SPAN + span_id.to_bytes(8, "big") if span_id else b"",
        )
    )
