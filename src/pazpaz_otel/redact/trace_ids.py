"""The span that a log record claims to belong to; ids that an application chooses could encode a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import TraceFlags, get_current_span

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry._logs import LogRecord

TRACE_FLAGS: Final = 0x03
"""The flags that W3C Trace Context defines: sampled, and random trace id."""
CORRELATED_TRACE: Final = "otelTraceID"
CORRELATED_SPAN: Final = "otelSpanID"
_NO_SPAN: Final = "0"
"""What the logging instrumentation writes outside a span."""
_HEXADECIMAL: Final = frozenset("0123456789abcdef")
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
        if given is not None and not _may_leave(given, own, digits):
            drops.drop("log", "refused_value")
            trace_id, span_id, flags = made_in.trace_id, made_in.span_id, made_in.trace_flags
            break
    return trace_id, span_id, TraceFlags(flags & TRACE_FLAGS if type(flags) in {int, TraceFlags} else 0)


def correlation(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids of those that the logging instrumentation writes on a record, if they may leave."""
    made_in = get_current_span().get_span_context()
    ids = {}
    for key, own, digits in (
        (CORRELATED_TRACE, made_in.trace_id, 32),
        (CORRELATED_SPAN, made_in.span_id, 16),
    ):
        given = fields.get(key)
        if type(given) is not str:
            continue
        is_id = len(given) == digits and _HEXADECIMAL.issuperset(given)
        if given == _NO_SPAN or (is_id and _may_leave(int(given, 16), own, digits)):
            ids[key] = given
        else:
            drops.drop("stdout", "refused_value")
    return ids


def _may_leave(given: Any, own: int, digits: int) -> bool:
    if type(given) is not int or given < 0 or given >> 4 * digits:
        return False
    if given in {0, own}:
        return True
    text = format(given, f"0{digits}x")
    return not text.isdecimal() and _ZEROS not in text
