"""Guard metrics: whatever isn't declared is merged or goes to the overflow series."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    ExponentialHistogramDataPoint,
    Gauge,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
)

from pazpaz_otel import forks
from pazpaz_otel.redact import data_points, drops, undeclared
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from pazpaz_otel.policy import MetricRule
    from pazpaz_otel.redact.attributes import Value
    from pazpaz_otel.redact.guards import Guard

Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint

OVERFLOW: Final[Mapping[str, Any]] = {"otel.metric.overflow": True}
"""The attributes of the series for everything without its own series (OTel metrics SDK, cardinality limits)."""

MAX_UNDECLARED: Final = 99_999_999
"""The maximum value if the policy declares no range: nine digits could be a person's number."""
_CUMULATIVE: Final = AggregationTemporality.CUMULATIVE
_SHORT: Final = "%.6g"
_FINE: Final = 10_000
_HUNDREDTHS: Final = 1_000_000
_TENTHS: Final = 10_000_000
_MAX_TOTALS: Final = 8192
"""How many series of totals are cached."""
_BEGIN_ANEW: Final = "pazpaz_otel."
"""The names of totals that each process counts from zero: the guards' own."""


class MetricGuard:
    """Build metrics that may leave from metrics that may not."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._rules = guard.policy.metrics
        self._keeps_undeclared = guard.policy.undeclared_metrics == "keep"
        self._admitted: dict[str, set[tuple[tuple[str, Value], ...]]] = {}
        self._totals: FifoCache[tuple[str, int], float] = FifoCache(_MAX_TOTALS)
        self._inherited: dict[tuple[str, int], float] = {}
        forks.in_child(self._leave_totals)

    def rule(self, name: str) -> MetricRule | None:
        """Return the policy's rule for an instrument, or the default rule if the source proves its name."""
        declared = self._rules.get(name)
        return undeclared.rule(name) if declared is None and self._keeps_undeclared else declared

    def is_declared(self, rule: MetricRule) -> bool:
        """Return whether the rule is in the policy itself."""
        return rule.name in self._rules

    def admit(self, rule: MetricRule, attributes: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Return the attributes of one measurement: its own, or the overflow series'."""
        clean, dropped = self._listed(rule, attributes or {})
        if dropped and rule.undeclared == "overflow":
            return OVERFLOW
        return clean if self._within_limit(rule, clean) else OVERFLOW

    def in_range(self, rule: MetricRule, value: float) -> bool:
        """Return whether the policy allows recording this value."""
        low = -MAX_UNDECLARED if rule.minimum is None else rule.minimum
        high = MAX_UNDECLARED if rule.maximum is None else rule.maximum
        if low <= plain(value) <= high:
            return True
        drops.drop("metric_value", "out_of_range")
        return False

    def increment_in_range(self, rule: MetricRule, total: float, attributes: Mapping[str, Any] | None) -> bool:
        """Return whether the increase since the last observation is within range; totals may exceed it."""
        key = _series(rule, attributes)
        if not self.in_range(rule, total - self._totals.get(key, 0)):
            return False
        self._totals.keep(key, total)
        return True

    def own_total(self, rule: MetricRule, total: float, attributes: Mapping[str, Any] | None) -> float:
        """Return what this process has of an observed total.

        A forked process has its parent's variables, and what the parent observed of them is the parent's. A total that
        is less began anew, as that of a process's time does.
        """
        key = _series(rule, attributes)
        inherited = self._inherited.get(key, 0)
        if total < inherited:
            self._inherited.pop(key, None)
            return total
        return total - inherited

    def _leave_totals(self) -> None:
        self._inherited = {key: total for key, total in self._totals.items() if not key[0].startswith(_BEGIN_ANEW)}

    def clean(self, data: MetricsData) -> MetricsData:
        """Return the metrics that may leave, without resources and scopes that have none left."""
        return MetricsData(
            [
                ResourceMetrics(
                    resource=self.guard.resource(of_resource.resource),
                    scope_metrics=scopes,
                    schema_url=self.guard.names.schema_url(of_resource.schema_url),
                )
                for of_resource in data.resource_metrics
                if (scopes := [clean for scope in of_resource.scope_metrics if (clean := self._scope(scope)).metrics])
            ]
        )

    def _scope(self, of_scope: ScopeMetrics) -> ScopeMetrics:
        scope = self.guard.scope(of_scope.scope)
        assert scope is not None
        return ScopeMetrics(
            scope=scope,
            metrics=[clean for metric in of_scope.metrics if (clean := self._metric(metric)) is not None],
            schema_url=self.guard.names.schema_url(of_scope.schema_url),
        )

    def _metric(self, metric: Metric) -> Metric | None:
        rule = self.rule(metric.name)
        if rule is None:
            drops.drop("metric", "undeclared")
            return None
        if type(getattr(metric.data, "aggregation_temporality", _CUMULATIVE)) is not AggregationTemporality:
            # On the wire it is any number.
            drops.drop("metric", "wrong_type")
            return None
        points = self._points(rule, metric.data)
        if not points:
            return None
        # Description and unit come from the policy, because an application's are free text.
        return Metric(rule.name, rule.description, rule.unit, data_points.with_points(metric.data, points))

    def _points(self, rule: MetricRule, data: Any) -> list[Point]:
        series: dict[tuple[tuple[str, Value], ...], Point] = {}
        for point in data.data_points:
            if not self._plausible(rule, data, point):
                continue
            attributes = self._series(rule, point.attributes)
            key = tuple(sorted(attributes.items()))
            exemplars = [self._exemplar(e) for e in point.exemplars]
            clean = replace(_shortened(data, point), attributes=dict(attributes), exemplars=exemplars)
            before = series.get(key)
            series[key] = clean if before is None else self._merge(data, before, clean)
        return list(series.values())

    def _series(self, rule: MetricRule, attributes: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if attributes == OVERFLOW:
            return OVERFLOW
        if rule.undeclared == "overflow":
            return self.admit(rule, attributes)
        clean, _ = self._listed(rule, attributes or {})
        return clean if self._within_limit(rule, clean) else OVERFLOW

    def _listed(self, rule: MetricRule, attributes: Mapping[str, Any]) -> tuple[dict[str, Value], int]:
        listed = attributes
        if self.is_declared(rule):
            listed = {key: value for key, value in attributes.items() if key in rule.attributes}
        clean, dropped = self.guard.attributes.clean(listed, "metric_attribute")
        unlisted = len(attributes) - len(listed)
        if unlisted and rule.undeclared == "overflow":
            if drops.watched():
                for key in attributes.keys() - listed.keys():
                    type_name = type(attributes[key]).__name__
                    drops.tell("metric_attribute", "unlisted_key", key, type_name, {"metric": rule.name})
            drops.drop("metric_attribute", "unlisted_key", unlisted, told=True)
        return clean, dropped + unlisted

    def _within_limit(self, rule: MetricRule, attributes: Mapping[str, Value]) -> bool:
        admitted = self._admitted.setdefault(rule.name, set())
        key = tuple(sorted(attributes.items()))
        if key in admitted:
            return True
        if len(admitted) >= rule.limit:
            drops.drop("metric_attribute", "overflow")
            return False
        admitted.add(key)
        return True

    def _plausible(self, rule: MetricRule, data: Any, point: Point) -> bool:
        if isinstance(point, NumberDataPoint):
            if isinstance(data, Gauge) or rule.type in {"gauge", "observable_gauge"}:
                return self.in_range(rule, point.value)
            # The library's own instruments are judged nowhere else.
            return rule.source != "prometheus_client" or self.increment_in_range(rule, point.value, point.attributes)
        if isinstance(point, HistogramDataPoint) and not all(map(_is_boundary, point.explicit_bounds)):
            drops.drop("metric_value", "out_of_range")
            return False
        if not point.count:
            return True
        return all(self.in_range(rule, value) for value in (point.min, point.max, point.sum / point.count))

    def _exemplar(self, exemplar: Any) -> Any:
        # Attributes that a View removed from the series are kept in the exemplar.
        if exemplar.filtered_attributes:
            drops.drop("exemplar", "unlisted_key", len(exemplar.filtered_attributes))
        return replace(exemplar, filtered_attributes={})

    @staticmethod
    def _merge(data: Any, one: Point, other: Point) -> Point:
        if isinstance(data, Gauge):
            return max(one, other, key=lambda point: point.time_unix_nano)
        return data_points.merged(one, other)  # type: ignore[no-any-return]


class LastMetricGuard(MetricGuard):
    """Judge metrics once more, point by point; totals and limits were judged where they were counted."""

    def increment_in_range(self, *_: Any) -> bool:
        """Return True."""
        return True

    def _within_limit(self, *_: Any) -> bool:
        return True


def _series(rule: MetricRule, attributes: Mapping[str, Any] | None) -> tuple[str, int]:
    return rule.name, hash(repr(sorted((attributes or {}).items())))


def plain(value: Any) -> int | float:
    """Return the number as a plain Python number; a subclass or another library's type may compare arbitrarily.

    Raises:
        TypeError: it isn't a real number.
    """
    cls = type(value)
    if issubclass(cls, int):
        return int.__int__(value)
    if issubclass(cls, float):
        return float.__float__(value)
    if issubclass(cls, (str, bytes, bytearray)):
        raise TypeError("a text isn't a number")
    return plain(operator.index(value)) if hasattr(cls, "__index__") else float(value)


def short(value: float) -> float:
    """Return a measured fraction with six significant digits, or hundredths for larger ones: at most eight digits."""
    if type(value) is not float or value.is_integer():
        return value
    size = abs(value)
    if size < _FINE:
        return float(_SHORT % value)
    return round(value, 2 if size < _HUNDREDTHS else 1 if size < _TENTHS else 0)


def _shortened(data: Any, point: Any) -> Any:
    if isinstance(data, Gauge):
        return replace(point, value=short(point.value))
    if isinstance(point, HistogramDataPoint):
        return replace(point, explicit_bounds=tuple(short(plain(bound)) for bound in point.explicit_bounds))
    return point


def _is_boundary(bound: float) -> bool:
    # An application may set its own boundaries.
    return issubclass(type(bound), (int, float)) and -MAX_UNDECLARED <= plain(bound) <= MAX_UNDECLARED
