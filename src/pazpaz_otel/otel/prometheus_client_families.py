"""Turn `prometheus_client`'s samples into OpenTelemetry's data points."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    NumberDataPoint,
    Sum,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pazpaz_otel.policy import MetricRule

    Named = Callable[[dict[str, str]], dict[str, str]]

_CUMULATIVE: Final = AggregationTemporality.CUMULATIVE
_FITTING: Final = {
    "counter": {"counter"},
    "histogram": {"histogram"},
    "gauge": {"gauge", "up_down_counter"},
    "unknown": {"gauge", "up_down_counter"},
}
"""The types of rules under which a family of each library type may be exported."""


def data_of(rule: MetricRule, family: Any, named: Named, start: int) -> Any | None:
    """Return the family's data in the rule's type, or `None` if it doesn't fit or is empty.

    Args:
        rule: the rule; a gauge of the library may be an up-down counter, if each process has a part of the sum.
        family: the library's family.
        named: maps labels to attribute names.
        start: when counting began, in nanoseconds.
    """
    kind = rule.type.removeprefix("observable_")
    if kind not in _FITTING.get(family.type, ()):
        return None
    now = time.time_ns()
    if kind == "histogram":
        histograms = list(_histograms(family.samples, named, start, now))
        return Histogram(histograms, _CUMULATIVE) if histograms else None
    points = [
        NumberDataPoint(named(sample.labels), start, now, sample.value)
        for sample in family.samples
        if not sample.name.endswith("_created")
    ]
    if not points:
        return None
    return Gauge(points) if kind == "gauge" else Sum(points, _CUMULATIVE, is_monotonic=kind == "counter")


def _histograms(samples: Iterable[Any], named: Named, start: int, now: int) -> Iterator[HistogramDataPoint]:
    series: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for sample in samples:
        labels = {key: value for key, value in sample.labels.items() if key != "le"}
        found = series.setdefault(tuple(sorted(labels.items())), {"labels": labels, "buckets": []})
        if sample.name.endswith("_bucket"):
            found["buckets"].append((float(sample.labels["le"]), int(sample.value)))
        elif sample.name.endswith("_sum"):
            found["sum"] = sample.value
    for found in series.values():
        bounds = sorted(found["buckets"])
        counts = [after - before for (_, after), (_, before) in zip(bounds, [(0.0, 0), *bounds], strict=False)]
        yield HistogramDataPoint(
            attributes=named(found["labels"]),
            start_time_unix_nano=start,
            time_unix_nano=now,
            count=sum(counts),
            sum=found.get("sum", 0.0),
            bucket_counts=counts,
            explicit_bounds=[bound for bound, _ in bounds[:-1]],
            min=0.0,
            max=0.0,
        )
