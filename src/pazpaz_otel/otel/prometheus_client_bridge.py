"""Metrics that the application keeps in `prometheus_client`, as far as the policy declares them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.policy import MetricRule, Policy

_SCOPE = InstrumentationScope("prometheus_client")
_CUMULATIVE = AggregationTemporality.CUMULATIVE


class PrometheusClientBridge:
    """Reads the library's default registry whenever OpenTelemetry's metrics are collected.

    Args:
        policy: a metric with `source: prometheus_client` is bridged, under its name in that library; each listed
            attribute is read from the label of the same Prometheus name.
    """

    def __init__(self, policy: Policy) -> None:
        self._rules = {rule.name: rule for rule in policy.metrics.values() if rule.source == "prometheus_client"}
        self._labels = {
            rule.name: {policy.attributes[key].prometheus_label: key for key in rule.attributes}
            for rule in self._rules.values()
        }
        self._start = time.time_ns()

    def add_to(self, data: MetricsData) -> MetricsData:
        """The metrics with the bridged ones among them."""
        client: Any = sys.modules.get("prometheus_client")
        if not self._rules or client is None or not data.resource_metrics:
            return data
        metrics = [metric for family in client.REGISTRY.collect() if (metric := self._metric(family)) is not None]
        if not metrics:
            return data
        first, *rest = data.resource_metrics
        bridged = ScopeMetrics(scope=_SCOPE, metrics=metrics, schema_url="")
        return MetricsData([ResourceMetrics(first.resource, [*first.scope_metrics, bridged], first.schema_url), *rest])

    def _metric(self, family: Any) -> Metric | None:
        rule = self._rules.get(family.name) or self._rules.get(f"{family.name}_total")
        if rule is None:
            return None
        now = time.time_ns()
        if family.type == "histogram":
            points: Any = list(self._histograms(rule, family.samples, now))
            data: Any = Histogram(points, _CUMULATIVE)
        else:
            points = [
                NumberDataPoint(self._attributes(rule, sample.labels), self._start, now, sample.value)
                for sample in family.samples
                if not sample.name.endswith("_created")
            ]
            data = Sum(points, _CUMULATIVE, is_monotonic=True) if family.type == "counter" else Gauge(points)
        return Metric(rule.name, rule.description, rule.unit, data) if points else None

    def _histograms(self, rule: MetricRule, samples: Iterable[Any], now: int) -> Iterable[HistogramDataPoint]:
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
                attributes=self._attributes(rule, found["labels"]),
                start_time_unix_nano=self._start,
                time_unix_nano=now,
                count=sum(counts),
                sum=found.get("sum", 0.0),
                bucket_counts=counts,
                explicit_bounds=[bound for bound, _ in bounds[:-1]],
                min=0.0,
                max=0.0,
            )

    def _attributes(self, rule: MetricRule, labels: dict[str, str]) -> dict[str, str]:
        names = self._labels[rule.name]
        return {names.get(label, label): value for label, value in labels.items()}
