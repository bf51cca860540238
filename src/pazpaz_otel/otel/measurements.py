"""Measurements, judged as they are recorded: so that the SDK never holds what may not leave, nor too many series."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics import ObservableCounter
from opentelemetry.sdk.metrics._internal.instrument import _Asynchronous
from opentelemetry.sdk.metrics._internal.measurement_consumer import SynchronousMeasurementConsumer

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.redact.metric import MetricGuard


def guard_measurements(guard: MetricGuard) -> None:
    """Puts `guard` before every measurement of a synchronous instrument, and after every callback of the others."""
    _guard_observations(guard)
    original = SynchronousMeasurementConsumer.consume_measurement

    @functools.wraps(original)
    def consume_measurement(self: Any, measurement: Any) -> None:
        judged = _judge(guard, measurement)
        if judged is not None:
            original(self, judged)

    SynchronousMeasurementConsumer.consume_measurement = consume_measurement  # type: ignore[method-assign]


def _judge(guard: MetricGuard, measurement: Any) -> Any | None:
    try:
        rule = guard.rule(measurement.instrument.name)
        if rule is None:
            drops.drop("metric", "undeclared")
            return None
        if not guard.in_range(rule, measurement.value):
            return None
        if rule.undeclared == "drop":
            return measurement
        return replace(measurement, attributes=guard.admit(rule, measurement.attributes))
    except Exception as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("metric", error)
        return None


def _guard_observations(guard: MetricGuard) -> None:
    original = _Asynchronous.callback

    @functools.wraps(original)
    def callback(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        for measurement in original(self, *args, **kwargs):
            if _observed(guard, self, measurement):
                yield measurement

    _Asynchronous.callback = callback  # type: ignore[method-assign]


def _observed(guard: MetricGuard, instrument: Any, measurement: Any) -> bool:
    try:
        rule = guard.rule(instrument.name)
        if rule is None:
            drops.drop("metric", "undeclared")
            return False
        if isinstance(instrument, ObservableCounter):
            return guard.increment_in_range(rule, measurement.value, measurement.attributes)
        return guard.in_range(rule, measurement.value)
    except Exception as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("metric", error)
        return False
