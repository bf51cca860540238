"""The guards' own metrics: what they dropped, where they failed, and which undeclared metrics leave."""

from __future__ import annotations

from collections.abc import Iterable

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

from pazpaz_otel._version import __version__
from pazpaz_otel.redact import drops, undeclared

_SURFACE = "pazpaz_otel.guard.surface"
_REASON = "pazpaz_otel.guard.reason"


def observe_guards() -> None:
    """Create `pazpaz_otel.guard.dropped`, `.failed` and `.undeclared`."""
    meter = get_meter("pazpaz_otel", __version__)
    meter.create_observable_counter("pazpaz_otel.guard.dropped", callbacks=[_dropped], unit="{item}")
    meter.create_observable_counter("pazpaz_otel.guard.failed", callbacks=[_failed], unit="{item}")
    meter.create_observable_up_down_counter(
        "pazpaz_otel.guard.undeclared", callbacks=[_undeclared], unit="{instrument}"
    )


def _dropped(_: CallbackOptions) -> Iterable[Observation]:
    for (surface, reason), count in drops.snapshot().items():
        yield Observation(count, {_SURFACE: surface, _REASON: reason})


def _failed(_: CallbackOptions) -> Iterable[Observation]:
    # Reported from the start: an alert on an increase needs a zero before it.
    totals = {"span": 0, "log": 0, "metric": 0}
    for (surface, _error), count in drops.failures().items():
        totals[surface] = totals.get(surface, 0) + count
    for surface, count in totals.items():
        yield Observation(count, {_SURFACE: surface})


def _undeclared(_: CallbackOptions) -> Iterable[Observation]:
    yield Observation(len(undeclared.rules()))
