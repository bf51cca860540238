"""Export metrics that the application keeps in `prometheus_client`, under the policy's rules for their names.

A metric is bridged if the policy declares one that Prometheus shows under the same name, or if the program's source
proves its name where it is created. It is never bridged if OpenTelemetry has an instrument of that name, because it
would count twice.
"""

from __future__ import annotations

import sys
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

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

from pazpaz_otel import forks, patches
from pazpaz_otel.otel import undeclared as created
from pazpaz_otel.policy import prometheus
from pazpaz_otel.redact import drops, text, undeclared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pazpaz_otel.policy import MetricRule, Policy
    from pazpaz_otel.policy.model import MetricType

    Named = Callable[[dict[str, str]], dict[str, str]]

_SCOPE: Final = InstrumentationScope("prometheus_client")
_TOTALS: Final = frozenset({"counter", "histogram"})
_Totals = weakref.WeakKeyDictionary[Any, dict[Any, float]]
"""The samples of the library's metrics."""
_KINDS: Final[dict[str, MetricType]] = {"counter": "counter", "gauge": "gauge", "histogram": "histogram"}
_CUMULATIVE: Final = AggregationTemporality.CUMULATIVE
_OF_GAUGES: Final = frozenset({"gauge", "up_down_counter"})
"""A gauge of the library may be an up-down counter, if each process has a part of the sum."""
_FITTING: Final = {"counter": {"counter"}, "histogram": {"histogram"}, "gauge": _OF_GAUGES, "unknown": _OF_GAUGES}
"""The types of rules under which a family of each library type may be exported."""


class PrometheusClientBridge:
    """Read the library's default registry whenever OpenTelemetry's metrics are collected."""

    def __init__(self, policy: Policy) -> None:
        self._keeps_undeclared = policy.undeclared_metrics == "keep"
        self._rules: dict[str, MetricRule] = {}
        for rule in policy.metrics.values():
            # A rule with a source means the library; any other may only share a name with it.
            shown = prometheus.family(rule.name, rule.type, rule.unit)
            if rule.source == "prometheus_client" or shown not in self._rules:
                self._rules[rule.name if rule.source == "prometheus_client" else shown] = rule
        self._labels = {
            rule.name: {policy.attributes[key].prometheus_label: key for key in rule.attributes}
            for rule in policy.metrics.values()
        }
        self._any_label = {rule.prometheus_label: key for key, rule in policy.attributes.items()}
        self._start = time.time_ns()
        self._at_fork: _Totals = weakref.WeakKeyDictionary()
        self._inherited: _Totals = weakref.WeakKeyDictionary()
        forks.before(self._read_totals)
        forks.in_child(self._leave_totals)

    def prove_names(self) -> None:
        """Prove the names of the library's metrics where the application creates them."""
        if self._keeps_undeclared:
            patches.install("prometheus_client.init", _proving)

    def add_to(self, data: MetricsData | None, resource: Any = None) -> MetricsData | None:
        """Return the metrics including the bridged ones."""
        registry = _registry()
        if registry is None:
            return data
        metrics = list(self._bridged(registry))
        if not metrics:
            return data
        bridged = ScopeMetrics(scope=_SCOPE, metrics=metrics, schema_url="")
        if data is None or not data.resource_metrics:
            return data if resource is None else MetricsData([ResourceMetrics(resource, [bridged], "")])
        first, *rest = data.resource_metrics
        return MetricsData([ResourceMetrics(first.resource, [*first.scope_metrics, bridged], first.schema_url), *rest])

    def rule_of(self, family: str) -> MetricRule | None:
        """Return the rule for a family's name in the library, which lacks `_total`; `None` if it isn't bridged."""
        for name in (family, f"{family}_total"):
            rule = self._rules.get(name)
            if rule is None and self._keeps_undeclared:
                rule = undeclared.rule(name)
            if rule is not None:
                twice = rule.source != "prometheus_client" and created.is_created(rule.name)
                return None if twice else rule
        return None

    def undeclared(self, *, bridged: bool) -> dict[str, tuple[str, list[str]]]:
        """Return the metrics in the library's default registry that the policy doesn't declare, except Python's own.

        Args:
            bridged: whether to return those that leave under a default rule, or those that don't leave.

        Returns:
            By name, the type in the policy's terms, and the policy's keys for the labels.
        """
        found = {}
        for collector, names in list(getattr(_registry(), "_collector_to_names", {}).items()):
            if not names or names[0].startswith(("python_", "process_")):
                continue
            rules = [rule for name in names if (rule := self.rule_of(name)) is not None]
            if bool(rules) == bridged and all(undeclared.rule(rule.name) is rule for rule in rules):
                keys = [self._any_label.get(label, label) for label in getattr(collector, "_labelnames", ())]
                found[str(names[0])] = _KINDS.get(getattr(collector, "_type", None) or "", "gauge"), keys
        return dict(sorted(found.items()))

    def _bridged(self, registry: Any) -> Iterator[Metric]:
        for collector, names in list(registry._collector_to_names.items()):  # noqa: SLF001
            # Don't collect what isn't bridged: its collector may query a database.
            if all(self.rule_of(name) is None for name in names):
                continue
            try:
                inherited = self._inherited.get(collector, {})
                families = [_without(family, inherited) for family in collector.collect()]
            except Exception as error:  # noqa: BLE001 - one that fails takes no other along
                drops.fail("prometheus", error)
                continue
            for family in families:
                rule = self.rule_of(family.name)
                data = None if rule is None else _data_of(rule, family, self._named(rule), self._start)
                if rule is not None and data is not None:
                    yield Metric(rule.name, rule.description, rule.unit, data)

    def _read_totals(self) -> None:
        """Read in the parent what a forked process is to leave out: there, other threads' locks would stay held."""
        registry = _registry()
        if registry is None or _counts_by_process():
            return
        with drops.contained("prometheus"):
            self._at_fork = weakref.WeakKeyDictionary(
                {
                    collector: {
                        _key(sample): sample.value for family in collector.collect() for sample in family.samples
                    }
                    for collector, names in list(registry._collector_to_names.items())  # noqa: SLF001
                    if getattr(collector, "_type", None) in _TOTALS and any(map(self.rule_of, names))
                }
            )

    def _leave_totals(self) -> None:
        self._inherited = self._at_fork

    def _named(self, rule: MetricRule) -> Callable[[dict[str, str]], dict[str, str]]:
        labels = self._labels.get(rule.name, self._any_label)
        return lambda found: {labels.get(label, label): value for label, value in found.items()}


def _without(family: Any, inherited: dict[Any, float]) -> Any:
    """Return a family without what the process inherited that forked this one, which exports it."""
    if inherited:
        family.samples = [
            sample._replace(value=sample.value - before)
            if (before := inherited.get(_key(sample), 0)) <= sample.value
            else sample
            for sample in family.samples
        ]
    return family


def _key(sample: Any) -> tuple[str, frozenset[tuple[str, str]]]:
    return sample.name, frozenset(sample.labels.items())


def _counts_by_process() -> bool:
    """Return whether the library keeps files by process, in which a forked one begins at zero."""
    values = sys.modules.get("prometheus_client.values")
    return getattr(getattr(values, "ValueClass", None), "_multiprocess", False)


def _registry() -> Any:
    """Return the library's default registry, or None if it isn't used or another thread is importing it."""
    return getattr(sys.modules.get("prometheus_client"), "REGISTRY", None)


def _proving(original: Any) -> Callable[..., Any]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        with drops.contained("prometheus"):
            kind = _KINDS.get(self._type or "")
            # Children of labelled metrics are created as data arrives.
            if kind is None or self._labelvalues:
                return
            given = str(self._original_name)
            shown = f"{self._name}_total" if kind == "counter" else str(self._name)
            parts = [part for part in (given, self._namespace, self._subsystem) if part]
            frame = sys._getframe(1)  # noqa: SLF001
            undeclared.labels.update(label for label in self._labelnames if text.prove(label, frame))
            undeclared.prove(shown, kind, self._documentation, frame, parts=parts, source="prometheus_client")

    return __init__


def _data_of(rule: MetricRule, family: Any, named: Named, start: int) -> Any | None:
    """Return a family's data since `start` (ns) in the rule's type, or None if it doesn't fit or is empty."""
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
