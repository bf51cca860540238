"""Instruments for instrumentations that keep their series: prepared where possible, else the SDK's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.trace import NonRecordingSpan, set_span_in_context

from pazpaz_otel.otel.prepared.collection import prepared_for
from pazpaz_otel.otel.prepared.series import HistogramSeries, LevelSeries
from pazpaz_otel.redact.metric import MAX_UNDECLARED, MetricGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.metrics import Histogram, Meter, UpDownCounter
    from opentelemetry.trace import SpanContext

    from pazpaz_otel.redact.guards import Guard


class Instruments:
    """Create the series of a meter's instruments."""

    def __init__(self, meter: Meter, guard: Guard) -> None:
        self._meter: Any = meter
        self._guard = MetricGuard(guard)
        self._prepared = prepared_for(meter)
        # One of three kinds of filters; if the SDK aggregates, it uses its own.
        self.exemplars = "none" if self._prepared is None else self._prepared.exemplars

    def histogram(
        self, name: str, unit: str, bounds: Sequence[float], *, is_advised: bool = False
    ) -> Callable[[Mapping[str, Any]], Recording]:
        """Return a function that creates a histogram's series.

        Args:
            name: the metric's name.
            unit: its unit, if the policy declares none.
            bounds: the boundaries of its buckets, if the policy declares none.
            is_advised: whether these boundaries are the conventions', not the SDK's defaults.
        """
        if self._prepared is None:
            # Like contrib's: the SDK warns about different instruments with the same name.
            advice = bounds if is_advised else None
            instrument = self._meter.create_histogram(
                name, unit=unit, description=self._description(name), explicit_bucket_boundaries_advisory=advice
            )
            return lambda attributes: _SdkHistogram(instrument, attributes)
        rule = self._guard.rule(name)
        chosen = rule.buckets if rule is not None and rule.buckets else bounds
        return self._prepared.instrument(name, self._scope, chosen).of

    def up_down_counter(self, name: str, unit: str) -> Callable[[Mapping[str, Any]], Level]:
        """Return a function that creates an up-down counter's series."""
        if self._prepared is None:
            instrument = self._meter.create_up_down_counter(name, unit=unit, description=self._description(name))
            return lambda attributes: _SdkLevel(instrument, attributes)
        return self._prepared.instrument(name, self._scope).of

    def in_range(self, name: str, value: float) -> bool:
        """Return whether an external value may be recorded, and count it if not."""
        rule = self._guard.rule(name)
        return rule is not None and self._guard.in_range(rule, value)

    def greatest(self, name: str) -> float:
        """Return up to which value, from 1, all values are in range; 0 if each must be checked."""
        rule = self._guard.rule(name)
        if rule is None or (rule.minimum or 0) > 1:
            return 0
        return MAX_UNDECLARED if rule.maximum is None else rule.maximum

    def _description(self, name: str) -> str:
        rule = self._guard.rule(name)
        return "" if rule is None else rule.description

    @property
    def _scope(self) -> Any:
        real = getattr(self._meter, "_real_meter", None) or self._meter
        return real._instrumentation_scope  # noqa: SLF001 - what the SDK collects the meter's metrics under


class _SdkHistogram:
    def __init__(self, instrument: Histogram, attributes: Mapping[str, Any]) -> None:
        self._instrument, self._attributes = instrument, attributes

    def record(self, value: float, context: SpanContext | None = None, *, exemplar: bool = False) -> None:  # noqa: ARG002
        within = None if context is None else set_span_in_context(NonRecordingSpan(context))
        self._instrument.record(value, self._attributes, context=within)


class _SdkLevel:
    def __init__(self, instrument: UpDownCounter, attributes: Mapping[str, Any]) -> None:
        self._instrument, self._attributes = instrument, attributes

    def add(self, amount: int) -> None:
        self._instrument.add(amount, self._attributes)


Recording = HistogramSeries | _SdkHistogram
"""A series of a histogram, which records."""
Level = LevelSeries | _SdkLevel
"""A series of an up-down counter, which adds."""
