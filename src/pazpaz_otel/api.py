"""The functions that an application calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel import assembly
from pazpaz_otel.enforce.exporters import (
    RedactingLogRecordProcessor,
    RedactingMetricExporter,
    RedactingSpanProcessor,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.metrics import Counter, Histogram, UpDownCounter
    from opentelemetry.metrics import _Gauge as Gauge

    from pazpaz_otel.settings import Settings

__all__ = [
    "RedactingLogRecordProcessor",
    "RedactingMetricExporter",
    "RedactingSpanProcessor",
    "configure",
    "counter",
    "gauge",
    "histogram",
    "observe",
    "up_down_counter",
]


def configure(settings: Settings | None = None) -> None:
    """Does in code what `opentelemetry-instrument` does without: once, at start, before the application is made.

    Args:
        settings: by default, what the environment holds.

    Raises:
        PazPazOtelError: a policy or a setting can't be used, and `PAZPAZ_OTEL_STRICT` is set.
    """
    from pazpaz_otel.distro import PazPazConfigurator  # noqa: PLC0415 - it imports the SDK's configurator

    process = assembly.prepare(settings)
    if process.finished:
        return
    PazPazConfigurator().configure()  # type: ignore[no-untyped-call]
    assembly.instrument_standard()


def counter(name: str) -> Counter:
    """The counter that the policy declares as `name`.

    Raises:
        PazPazOtelError: the policy declares no counter of that name.
    """
    return assembly.prepare().instruments.counter(name)


def up_down_counter(name: str) -> UpDownCounter:
    """The up-down counter that the policy declares as `name`; raises as `counter` does."""
    return assembly.prepare().instruments.up_down_counter(name)


def histogram(name: str) -> Histogram:
    """The histogram that the policy declares as `name`; raises as `counter` does."""
    return assembly.prepare().instruments.histogram(name)


def gauge(name: str) -> Gauge:
    """The gauge that the policy declares as `name`; raises as `counter` does."""
    return assembly.prepare().instruments.gauge(name)


def observe(name: str, callback: Callable[..., Any]) -> None:
    """Observes the observable instrument that the policy declares as `name`.

    Args:
        name: of the instrument.
        callback: gives the value now, without blocking; `None` where there is none.

    Raises:
        PazPazOtelError: the policy declares no observable instrument of that name.
    """
    assembly.prepare().instruments.observe(name, callback)
