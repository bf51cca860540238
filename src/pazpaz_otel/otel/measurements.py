"""Judge measurements as they are recorded, so that the SDK never holds what may not leave, nor too many series.

Callbacks of observable instruments are written for the export interval, and may query a database. A ledger collects
several times a second, without calling them.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.metrics import ObservableCounter

from pazpaz_otel import patches
from pazpaz_otel.otel.undeclared import is_created
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.metric import plain, short
from pazpaz_otel.redact.written import is_refused, measured, observing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pazpaz_otel.policy import MetricRule
    from pazpaz_otel.redact.metric import MetricGuard

_NUMBERS: Final = (int, float)
_BETWEEN: Final = ("opentelemetry.sdk.", "opentelemetry.metrics.", "pazpaz_otel.otel.", "pazpaz_otel.redact.")
# A measurement is frozen, but was made for this call alone; making another would check its attributes again.
_set: Final = object.__setattr__
_callbacks_run: Final[ContextVar[bool]] = ContextVar("pazpaz_otel_observing", default=True)
_after: Callable[[], object] = bool


def after_each(call: Callable[[], object]) -> None:
    """Call this after each synchronous measurement from now on, and nothing else; it must be quick."""
    global _after  # noqa: PLW0603 - one process, one ledger
    _after = call


def guard_measurements(guard: MetricGuard) -> None:
    """Put `guard` before every synchronous measurement, and after every callback of an observable instrument."""

    def judging(original: Any) -> Any:
        def consume_measurement(self: Any, measurement: Any) -> None:
            judged = _judge(guard, measurement)
            if judged is not None:
                original(self, judged)
                _after()

        return consume_measurement

    def judging_observations(original: Any) -> Any:
        def callback(self: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
            if not is_asked():
                return
            # A callback may query a database, so don't call it for a metric that is dropped.
            rule = guard.rule(self.name)
            if rule is None:
                drops.drop("metric", "undeclared", told=is_created(self.name))
                return
            for measurement in original(self, *args, **kwargs):
                observed = _observed(guard, rule, self, measurement)
                if observed is not None:
                    yield observed

        return callback

    patches.install("measurements.consume", judging)
    patches.install("observation.init", lambda original: observing(guard.guard, _BETWEEN, original))
    patches.install("observations.callback", judging_observations)


def _judge(guard: MetricGuard, measurement: Any) -> Any | None:
    try:
        rule = guard.rule(measurement.instrument.name)
        if rule is None:
            drops.drop("metric", "undeclared", told=is_created(measurement.instrument.name))
            return None
        value = measurement.value
        told = short(value if type(value) in _NUMBERS else plain(value))
        if told is not value:
            _set(measurement, "value", told)
        if not guard.in_range(rule, told):
            return None
        attributes = measured(measurement.attributes, guard.guard, sys._getframe(), _BETWEEN)  # noqa: SLF001
        if attributes is not measurement.attributes or rule.undeclared != "drop" or not guard.is_declared(rule):
            _set(measurement, "attributes", guard.admit(rule, attributes))
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("metric", error)
        return None
    return measurement


def _observed(guard: MetricGuard, rule: MetricRule, instrument: Any, measurement: Any) -> Any | None:
    try:
        if type(measurement.value) not in _NUMBERS:
            measurement = replace(measurement, value=plain(measurement.value))
        if isinstance(instrument, ObservableCounter):
            fits = guard.increment_in_range(rule, measurement.value, measurement.attributes)
            own = guard.own_total(rule, measurement.value, measurement.attributes)
            measurement = replace(measurement, value=own)
        else:
            measurement = replace(measurement, value=short(measurement.value))
            fits = guard.in_range(rule, measurement.value)
        # The SDK holds a refused text and a proven one that equals it for the same.
        if any(map(is_refused, (measurement.attributes or {}).values())):
            measurement = replace(measurement, attributes=guard.admit(rule, measurement.attributes))
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("metric", error)
        return None
    return measurement if fits else None


def is_asked() -> bool:
    """Return whether this collection calls the callbacks of observable instruments."""
    return _callbacks_run.get()


@contextmanager
def unasked() -> Iterator[None]:
    """Collect what was recorded, without calling callbacks."""
    token = _callbacks_run.set(False)
    try:
        yield
    finally:
        _callbacks_run.reset(token)
