"""The span that a log record claims to belong to; ids that an application chooses could encode a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import TraceFlags, get_current_span

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from opentelemetry._logs import LogRecord

TRACE_FLAGS: Final = 0x03
"""The flags that W3C Trace Context defines: sampled, and random trace id."""
_ZEROS: Final = "00000000"
"""Random ids hardly ever contain this (2^-27), but a short number padded to an id's length does."""


def identity(record: LogRecord) -> tuple[Any, Any, TraceFlags]:
    """Return the trace id, span id and flags that may leave with a log record.

    Ids leave if they are those of the span in which the record was created, or look random; otherwise, that span's ids
    replace them.
    """
    made_in = get_current_span(record.context).get_span_context()
    trace_id, span_id, flags = record.trace_id, record.span_id, record.trace_flags
    for given, own, digits in ((trace_id, made_in.trace_id, 32), (span_id, made_in.span_id, 16)):
        if given and given != own and not _is_random(given, digits):
            drops.drop("log", "refused_value")
            trace_id, span_id, flags = made_in.trace_id, made_in.span_id, made_in.trace_flags
            break
    return trace_id, span_id, TraceFlags(flags & TRACE_FLAGS if isinstance(flags, int) else 0)


def _is_random(given: Any, digits: int) -> bool:
    if given.__class__ is not int or given >> 4 * digits:
        return False
    text = format(given, f"0{digits}x")
    return not text.isdecimal() and _ZEROS not in text
