"""Add prepared series to the metrics that the SDK collects for a reader."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field, replace
from time import time_ns
from typing import TYPE_CHECKING, Any, Final, Literal

from opentelemetry.sdk.metrics import (
    AlwaysOffExemplarFilter,
    AlwaysOnExemplarFilter,
    TraceBasedExemplarFilter,
    UpDownCounter,
)
from opentelemetry.sdk.metrics import Histogram as HistogramInstrument
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    Metric,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.view import DefaultAggregation, ExplicitBucketHistogramAggregation

from pazpaz_otel import forks
from pazpaz_otel.otel.prepared.series import HistogramSeries, LevelSeries
from pazpaz_otel.otel.views import PolicyView
from pazpaz_otel.redact.data_points import with_points
from pazpaz_otel.redact.metric import OVERFLOW

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

_MAX_SERIES: Final = 8192
"""The maximum number of series of an instrument; the rest share one."""
Exemplars = Literal["all", "sampled", "none"]
_FILTERS: Final[dict[type, Exemplars]] = {
    AlwaysOnExemplarFilter: "all",
    TraceBasedExemplarFilter: "sampled",
    AlwaysOffExemplarFilter: "none",
}


@dataclass
class Instrument:
    """A prepared instrument and its series.

    Attributes:
        name: the metric's name; unit and description come from the policy, as for any metric.
        scope: the instrumentation's scope.
        bounds: the boundaries of a histogram's buckets; None for an up-down counter.
    """

    name: str
    scope: InstrumentationScope
    bounds: Sequence[float] | None = None
    series: dict[Any, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=forks.lock)

    def of(self, attributes: Mapping[str, Any]) -> Any:
        """Return the series with these attributes: a `HistogramSeries` or a `LevelSeries`."""
        key: Any = tuple(sorted(attributes.items()))
        with self._lock:
            found = self.series.get(key)
            if found is None:
                if len(self.series) >= _MAX_SERIES:
                    attributes, key = OVERFLOW, None
                found = self.series[key] = self.series.get(key) or (
                    LevelSeries(attributes) if self.bounds is None else HistogramSeries(attributes, self.bounds)
                )
            return found


class Prepared:
    """The prepared instruments of one meter provider."""

    def __init__(self, consumer: Any) -> None:
        self.instruments: dict[tuple[str, InstrumentationScope], Instrument] = {}
        self._lock = forks.lock()
        config = consumer._sdk_config  # noqa: SLF001 - where the SDK keeps what readers share
        self.exemplars: Exemplars = _exemplars(config.exemplar_filter) or "none"
        """Which measurements may become exemplars; `sampled` means those in sampled traces."""
        self._resource: Any = config.resource
        forks.in_child(self._reset)

    def instrument(self, name: str, scope: InstrumentationScope, bounds: Sequence[float] | None = None) -> Instrument:
        """Return the instrument with this name and scope."""
        with self._lock:
            return self.instruments.setdefault((name, scope), Instrument(name, scope, bounds))

    def add_to(self, data: MetricsData | None, reader: Any) -> MetricsData | None:
        """Return what the SDK collected for a reader, plus the prepared series."""
        now = time_ns()
        collected = [] if data is None else list(data.resource_metrics)
        of_resource = collected[0] if collected else ResourceMetrics(self._resource, [], "")
        scopes = list(of_resource.scope_metrics)
        for instrument in list(self.instruments.values()):
            metric = _metric(instrument, reader, now)
            if metric is not None:
                _put(scopes, instrument.scope, metric)
        return MetricsData([replace(of_resource, scope_metrics=scopes), *collected[1:]]) if scopes else data

    def _reset(self) -> None:
        for instrument in self.instruments.values():
            for series in instrument.series.values():
                series.reset()


_known: weakref.WeakKeyDictionary[Any, Prepared] = weakref.WeakKeyDictionary()


def prepared_for(meter: Any) -> Prepared | None:
    """Return where a meter's instruments can be prepared, or None if there is a `hindrance` or it isn't the SDK's."""
    consumer: Any = getattr(getattr(meter, "_real_meter", None) or meter, "_measurement_consumer", None)
    if getattr(consumer, "_sdk_config", None) is None or hindrance(consumer) is not None:
        return None
    if consumer not in _known:
        _known[consumer] = Prepared(consumer)
    return _known[consumer]


def share_prepared(consumer: Any, copied: Any) -> None:
    """Let a copy of a measurement consumer collect its prepared series, too."""
    if consumer in _known:
        _known[copied] = _known[consumer]


def hindrance(consumer: Any) -> str | None:
    """Return why the SDK must aggregate what instrumentations measure, or None."""
    config = consumer._sdk_config  # noqa: SLF001 - where the SDK keeps what readers share
    if not all(isinstance(view, PolicyView) for view in config.views):
        return "views of its own"
    if _exemplars(config.exemplar_filter) is None:
        return "an exemplar filter of its own"
    has_explicit = all(map(_has_explicit_buckets, consumer._reader_storages))  # noqa: SLF001 - by reader
    return None if has_explicit else "a reader with another aggregation than explicit buckets"


def add_prepared(consumer: Any, data: MetricsData | None, reader: Any) -> MetricsData | None:
    """Return collected metrics with the prepared series of the same provider."""
    prepared = _known.get(consumer)
    return data if prepared is None else prepared.add_to(data, reader)


def _exemplars(chosen: Any) -> Exemplars | None:
    return _FILTERS.get(type(chosen))


def _has_explicit_buckets(reader: Any) -> bool:
    chosen = _of_class(reader._instrument_class_aggregation, HistogramInstrument)  # noqa: SLF001 - as the SDK asks
    if type(chosen) is DefaultAggregation:
        return True
    usual = ExplicitBucketHistogramAggregation()
    return type(chosen) is type(usual) and vars(chosen) == vars(usual)


def _of_class(chosen: Mapping[type, Any], kind: type) -> Any:
    # The SDK lists its private subclasses of the public instruments.
    return next((value for cls, value in chosen.items() if issubclass(cls, kind)), None)


def _metric(instrument: Instrument, reader: Any, now: int) -> Metric | None:
    kind = UpDownCounter if instrument.bounds is None else HistogramInstrument
    temporality = _of_class(reader._instrument_class_temporality, kind)  # noqa: SLF001 - as the SDK asks
    delta = temporality is AggregationTemporality.DELTA
    points = [
        point
        for series in list(instrument.series.values())
        if (point := series.point(id(reader), now, delta=delta)) is not None
    ]
    if not points:
        return None
    data: Any = (
        Sum(points, temporality, is_monotonic=False) if instrument.bounds is None else Histogram(points, temporality)
    )
    return Metric(instrument.name, "", "", data)


def _put(scopes: list[ScopeMetrics], scope: InstrumentationScope, metric: Metric) -> None:
    for index, of_scope in enumerate(scopes):
        if of_scope.scope == scope:
            scopes[index] = replace(of_scope, metrics=_beside(of_scope.metrics, metric))
            return
    scopes.append(ScopeMetrics(scope, [metric], scope.schema_url or ""))


def _beside(metrics: Sequence[Metric], metric: Metric) -> list[Metric]:
    # Another application in the process may measure the same with the SDK's instruments.
    same = next((one for one in metrics if one.name == metric.name and type(one.data) is type(metric.data)), None)
    if same is None:
        return [*metrics, metric]
    points = [*same.data.data_points, *metric.data.data_points]
    both = replace(same, data=with_points(same.data, points))
    return [both if one is same else one for one in metrics]
