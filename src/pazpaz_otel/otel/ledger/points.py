"""Data points in the ledger's format: JSON that merges without loss."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, NamedTuple

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Gauge,
    Histogram,
    HistogramDataPoint,
    NumberDataPoint,
    Sum,
)

from pazpaz_otel.redact import data_points

Kind = Literal["counter", "histogram", "exponential", "up_down", "gauge"]
Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint

ADDITIVE: Final = frozenset({"counter", "histogram", "exponential"})
"""Kinds whose points are summed over all processes, including ended ones; the others need a living process."""
parse: Final = json.JSONDecoder().raw_decode
"""Parse JSON that `encode` wrote: without white space around it, which `json.loads` looks for."""
_CUMULATIVE: Final = AggregationTemporality.CUMULATIVE
_EXEMPLAR_LIFETIME: Final = 60_000_000_000
"""For how many nanoseconds an exemplar is shown."""


class MetricKey(NamedTuple):
    """The identity of a metric: the name under which a store shows it."""

    name: str
    kind: Kind
    unit: str


class Described(NamedTuple):
    """A metric with its description, from whoever wrote it last."""

    key: MetricKey
    description: str
    scope: str
    """Name, version and schema URL of the instrumentation scope, as JSON."""
    limit: int = 2000
    """The maximum number of series."""


def kind_of(data: Any) -> Kind:
    """Return the kind of a metric's data."""
    if isinstance(data, Histogram):
        return "histogram"
    if isinstance(data, ExponentialHistogram):
        return "exponential"
    if isinstance(data, Sum):
        return "counter" if data.is_monotonic else "up_down"
    return "gauge"


def is_delta(data: Any) -> bool:
    """Return whether the points are deltas since the last collection."""
    return getattr(data, "aggregation_temporality", None) is AggregationTemporality.DELTA


def data_of(kind: Kind, points: Sequence[Point]) -> Any:
    """Return the cumulative data of a metric."""
    if kind == "histogram":
        return Histogram(points, _CUMULATIVE)  # type: ignore[arg-type]
    if kind == "exponential":
        return ExponentialHistogram(points, _CUMULATIVE)  # type: ignore[arg-type]
    if kind == "gauge":
        return Gauge(points)  # type: ignore[arg-type]
    return Sum(points, _CUMULATIVE, is_monotonic=kind == "counter")  # type: ignore[arg-type]


def add(one: Any, other: Any) -> Any:
    """Return the sum of two points of a series; each bucket keeps its newest exemplar."""
    merged = data_points.merged(one, other)
    return replace(merged, exemplars=_newest(merged)) if len(merged.exemplars) > 1 else merged


def since(now: Any, before: Any) -> Any:
    """Return what a cumulative point counted since an earlier one; all of it if the count restarted."""
    if isinstance(now, HistogramDataPoint):
        if before is None or before.count > now.count or tuple(before.explicit_bounds) != tuple(now.explicit_bounds):
            return now
        counts = [a - b for a, b in zip(now.bucket_counts, before.bucket_counts, strict=True)]
        return replace(now, count=now.count - before.count, sum=now.sum - before.sum, bucket_counts=counts)
    if before is None or before.value > now.value:
        return now
    return replace(now, value=now.value - before.value)


def is_empty(point: Any) -> bool:
    """Return whether the point is zero."""
    return not (point.value if isinstance(point, NumberDataPoint) else point.count)


def encode(point: Any) -> str:
    """Return the point's numbers as JSON."""
    if isinstance(point, NumberDataPoint):
        fields: dict[str, Any] = {"v": point.value}
    else:
        fields = {"n": point.count, "s": point.sum, "lo": point.min, "hi": point.max}
        if isinstance(point, HistogramDataPoint):
            fields |= {"c": list(point.bucket_counts), "b": list(point.explicit_bounds)}
        else:
            sides = (point.positive, point.negative)
            fields |= {"k": point.scale, "z": point.zero_count}
            fields |= {"e": [[side.offset, list(side.bucket_counts)] for side in sides]}
    if point.exemplars:
        fields["x"] = [[e.value, e.time_unix_nano, e.span_id, e.trace_id] for e in point.exemplars]
    return json.dumps(fields, separators=(",", ":"))


def decode(kind: Kind, text: str, attributes: Mapping[str, Any], start: int, time: int) -> Any:
    """Return a point from its JSON."""
    fields, _ = parse(text)
    exemplars = [
        Exemplar({}, value, at, span_id, trace_id)
        for value, at, span_id, trace_id in fields.get("x", ())
        if time - at < _EXEMPLAR_LIFETIME
    ]
    if "v" in fields:
        return NumberDataPoint(attributes, start, time, fields["v"], exemplars)
    common = {
        "attributes": attributes,
        "start_time_unix_nano": start,
        "time_unix_nano": time,
        "count": fields["n"],
        "sum": fields["s"],
        "min": fields["lo"],
        "max": fields["hi"],
        "exemplars": exemplars,
    }
    if kind == "histogram":
        return HistogramDataPoint(bucket_counts=fields["c"], explicit_bounds=fields["b"], **common)
    positive, negative = (data_points.buckets(offset, counts) for offset, counts in fields["e"])
    return ExponentialHistogramDataPoint(
        scale=fields["k"], zero_count=fields["z"], positive=positive, negative=negative, flags=0, **common
    )


def as_zero(point: Any) -> Any:
    """Return the same series before its first count."""
    if isinstance(point, NumberDataPoint):
        return replace(point, value=0, exemplars=[])
    empty: dict[str, Any] = {"count": 0, "sum": 0, "min": 0, "max": 0, "exemplars": []}
    if isinstance(point, HistogramDataPoint):
        return replace(point, bucket_counts=[0] * len(point.bucket_counts), **empty)
    none = data_points.buckets(0, [])
    return replace(point, zero_count=0, positive=none, negative=none, **empty)


def _newest(point: Any) -> list[Exemplar]:
    bounds = getattr(point, "explicit_bounds", ())
    newest: dict[int, Exemplar] = {}
    for exemplar in point.exemplars:
        bucket = bisect_left(bounds, exemplar.value)
        if bucket not in newest or newest[bucket].time_unix_nano <= exemplar.time_unix_nano:
            newest[bucket] = exemplar
    return list(newest.values())


def kind_of_point(point: Any) -> Kind:
    """Return the kind of an additive series' point."""
    return "histogram" if hasattr(point, "explicit_bounds") else "exponential" if hasattr(point, "scale") else "counter"
