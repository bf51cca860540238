"""Walk over metrics, and merge two data points of a series, so that removing an attribute loses no total."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from itertools import zip_longest
from math import inf
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics._internal.point import Buckets  # the SDK exports no name for them
from opentelemetry.sdk.metrics.export import HistogramDataPoint, MetricsData, NumberDataPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from opentelemetry.sdk.metrics.export import Metric, ResourceMetrics, ScopeMetrics


def metrics_in(data: MetricsData) -> Iterator[tuple[ResourceMetrics, ScopeMetrics, Metric]]:
    """Yield each metric, after its resource's and its scope's."""
    for of_resource in data.resource_metrics:
        for of_scope in of_resource.scope_metrics:
            for metric in of_scope.metrics:
                yield of_resource, of_scope, metric


def points_in(data: MetricsData) -> Iterator[Any]:
    """Yield the data points of all metrics."""
    return (point for _, _, metric in metrics_in(data) for point in metric.data.data_points)


def with_metrics(data: MetricsData, make: Callable[[Metric], Iterable[Metric]]) -> MetricsData:
    """Return what is made of each metric, in its place."""
    resources = []
    for of_resource in data.resource_metrics:
        scopes = [
            replace(one, metrics=[new for old in one.metrics for new in make(old)]) for one in of_resource.scope_metrics
        ]
        resources.append(replace(of_resource, scope_metrics=scopes))
    return MetricsData(resources)


def with_points(data: Any, points: list[Any]) -> Any:
    """Return a metric's data, of any type, with other points."""
    return replace(data, data_points=points)


def merged(one: Any, other: Any) -> Any:
    """Return the sum of two points of a type; with a histogram's boundaries of the first.

    If the second histogram has other boundaries, each of its buckets is added where its upper boundary falls, so that
    no count is lost or understated. Exponential histograms get the coarser scale (OTel metrics data model).
    """
    common = {
        # The SDK omits the start time in gauges and some sums, despite its type.
        "start_time_unix_nano": min(
            filter(None, (one.start_time_unix_nano, other.start_time_unix_nano)), default=one.start_time_unix_nano
        ),
        "time_unix_nano": max(one.time_unix_nano, other.time_unix_nano),
        "exemplars": [*one.exemplars, *other.exemplars],
    }
    if isinstance(one, NumberDataPoint):
        return replace(one, value=one.value + other.value, **common)
    common |= {
        "count": one.count + other.count,
        "sum": one.sum + other.sum,
        "min": min(one.min, other.min),
        "max": max(one.max, other.max),
    }
    if isinstance(one, HistogramDataPoint):
        counts = zip_longest(one.bucket_counts, _rebucketed(other, one.explicit_bounds), fillvalue=0)
        return replace(one, bucket_counts=[a + b for a, b in counts], **common)
    scale = min(one.scale, other.scale)
    return replace(
        one,
        scale=scale,
        zero_count=one.zero_count + other.zero_count,
        positive=_buckets(one.positive, one.scale - scale, other.positive, other.scale - scale),
        negative=_buckets(one.negative, one.scale - scale, other.negative, other.scale - scale),
        **common,
    )


def _buckets(one: Buckets, one_shift: int, other: Buckets, other_shift: int) -> Buckets:
    counts: dict[int, int] = {}
    for buckets, shift in ((one, one_shift), (other, other_shift)):
        for index, count in enumerate(buckets.bucket_counts, start=buckets.offset):
            counts[index >> shift] = counts.get(index >> shift, 0) + count
    if not counts:
        return one
    offset = min(counts)
    return replace(one, offset=offset, bucket_counts=[counts.get(i, 0) for i in range(offset, max(counts) + 1)])


def _rebucketed(point: HistogramDataPoint, bounds: Sequence[float]) -> Sequence[int]:
    if tuple(point.explicit_bounds) == tuple(bounds):
        return point.bucket_counts
    counts = [0] * (len(bounds) + 1)
    for upper, count in zip((*point.explicit_bounds, inf), point.bucket_counts, strict=True):
        counts[bisect_left(bounds, upper)] += count
    return counts


def buckets(offset: int, counts: Sequence[int]) -> Buckets:
    """Return the merged buckets of one side of an exponential histogram."""
    return Buckets(offset, counts)
