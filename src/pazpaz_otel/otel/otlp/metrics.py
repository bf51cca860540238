"""Encode metrics as an OTLP request, by hand like spans and log records.

With all three encoded here, nothing needs the classes of protocol buffers: two megabytes of memory. A batch size that
an application gives the exporter does, and gets the SDK's message.
"""

from __future__ import annotations

from struct import pack
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.metrics.export import ExponentialHistogram, Gauge, Histogram, Sum

from pazpaz_otel import patches
from pazpaz_otel.otel.otlp import wire
from pazpaz_otel.otel.otlp.request import Body, Encoded, Frames
from pazpaz_otel.redact.data_points import metrics_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opentelemetry.sdk.metrics.export import Metric, MetricsData


class MetricsBody(Body):
    """A serialised request that counts its points, and turns into the SDK's message for whoever reads more."""

    __slots__ = ("_message", "points")

    def __init__(self, content: bytes, points: int, message: Callable[[], Any]) -> None:
        super().__init__(content)
        self.points, self._message = points, message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message(), name)


def install() -> None:
    """Encode here what the SDK's exporters send over HTTP."""
    patches.install("otlp.encode_metrics", _encoding)
    patches.install("otlp.count_points", _counting)


def _encoding(original: Any) -> Callable[[MetricsData], Any]:
    return lambda data: MetricsBody(
        encode(data), sum(len(metric.data.data_points) for *_, metric in metrics_in(data)), lambda: original(data)
    )


def _counting(original: Any) -> Callable[[Any], int]:
    return lambda request: request.points if request.__class__ is MetricsBody else original(request)


def encode(data: MetricsData) -> bytes:
    """Return the request with all metrics.

    Raises:
        struct.error: a number has more than 64 bits.
    """
    # Frames that last would keep what a ledger makes anew for each request.
    body = Frames().body([Encoded(r.resource, s.scope, _metric(metric)) for r, s, metric in metrics_in(data)])
    return body.SerializePartialToString()


def _metric(metric: Metric) -> bytes:
    data: Any = metric.data
    head = wire.text(b"\n", metric.name) + wire.text(b"\x12", metric.description) + wire.text(b"\x1a", metric.unit)
    if not data.data_points:
        return head
    tag, encode_point = next((tag, encode_point) for cls, tag, encode_point in _KINDS if isinstance(data, cls))
    content = b"".join([wire.field(b"\n", encode_point(point)) for point in data.data_points])
    content += wire.number(b"\x10", getattr(data, "aggregation_temporality", 0))
    content += wire.number(b"\x18", getattr(data, "is_monotonic", False))
    return head + wire.field(tag, content)


def _last_value(point: Any) -> bytes:
    return (
        _attributes(b":", point.attributes)
        + _fixed(b"\x19", point.time_unix_nano)
        + _value(b"!", b"1", point.value)
        + _exemplars(b"*", point.exemplars)
    )


def _sum(point: Any) -> bytes:
    return _fixed(b"\x11", point.start_time_unix_nano) + _last_value(point)


def _histogram(point: Any) -> bytes:
    counts, bounds = point.bucket_counts, point.explicit_bounds
    return (
        _attributes(b"J", point.attributes)
        + _common(point)
        + _packed(b"2", "Q", counts)
        + _packed(b":", "d", bounds)
        + _exemplars(b"B", point.exemplars)
        + _double(b"Y", point.min)
        + _double(b"a", point.max)
    )


def _exponential(point: Any) -> bytes:
    return (
        _attributes(b"\n", point.attributes)
        + _common(point)
        + wire.number(b"0", _zigzag(point.scale))
        + _fixed(b"9", point.zero_count)
        + _buckets(b"B", point.positive)
        + _buckets(b"J", point.negative)
        + wire.number(b"P", point.flags)
        + _exemplars(b"Z", point.exemplars)
        + _double(b"a", point.min)
        + _double(b"i", point.max)
    )


def _common(point: Any) -> bytes:
    return (
        _fixed(b"\x11", point.start_time_unix_nano)
        + _fixed(b"\x19", point.time_unix_nano)
        + _fixed(b"!", point.count)
        + _double(b")", point.sum)
    )


def _buckets(tag: bytes, side: Any) -> bytes:
    if not side.bucket_counts:
        return b""
    counts = b"".join(map(wire.varint, side.bucket_counts))
    return wire.field(tag, wire.number(b"\x08", _zigzag(side.offset)) + wire.field(b"\x12", counts))


def _exemplars(tag: bytes, exemplars: Iterable[Any]) -> bytes:
    return b"".join([wire.field(tag, _exemplar(exemplar)) for exemplar in exemplars])


def _exemplar(exemplar: Any) -> bytes:
    ids = b""
    if exemplar.span_id is not None and exemplar.trace_id is not None:
        ids = wire.field(b'"', exemplar.span_id.to_bytes(8)) + wire.field(b"*", exemplar.trace_id.to_bytes(16))
    return (
        _fixed(b"\x11", exemplar.time_unix_nano)
        + _value(b"\x19", b"1", exemplar.value)
        + ids
        + _attributes(b":", exemplar.filtered_attributes)
    )


def _attributes(tag: bytes, values: Any) -> bytes:
    return wire.attributes(tag, values, "metric_attribute")


def _fixed(tag: bytes, value: int | None) -> bytes:
    return tag + pack("<Q", value) if value else b""


def _double(tag: bytes, value: float | None) -> bytes:
    return b"" if value is None else tag + pack("<d", value)


def _value(as_double: bytes, as_int: bytes, value: float) -> bytes:
    return as_int + pack("<q", value) if isinstance(value, int) else as_double + pack("<d", value)


def _packed(tag: bytes, form: str, values: Sequence[Any]) -> bytes:
    return wire.field(tag, pack(f"<{len(values)}{form}", *values)) if values else b""


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else ~(value << 1)


_KINDS: Final[tuple[tuple[type, bytes, Callable[[Any], bytes]], ...]] = (
    (Sum, b":", _sum),
    (Histogram, b"J", _histogram),
    (Gauge, b"*", _last_value),
    (ExponentialHistogram, b"R", _exponential),
)
"""The field of each type of data, and what encodes its points."""
