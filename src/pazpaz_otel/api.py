"""The functions that an application calls."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from pazpaz_otel import runtime, startup
from pazpaz_otel.otel import processors
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.metrics import Counter, Histogram, UpDownCounter
    from opentelemetry.metrics import _Gauge as Gauge
    from opentelemetry.sdk._logs import LogRecordProcessor
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace import SpanProcessor

__all__ = [
    "RedactingLogRecordProcessor",
    "RedactingMetricExporter",
    "RedactingSpanProcessor",
    "Settings",
    "configure",
    "counter",
    "gauge",
    "histogram",
    "observe",
    "up_down_counter",
]


def configure(settings: Settings | None = None) -> None:
    """Start telemetry in code, as `opentelemetry-instrument` does; call it once, before the application is created.

    Args:
        settings: the settings of policy, guards and Sentry; by default, those of the environment. The SDK and its
            exporters always read their variables from the environment.

    Raises:
        PazPazOtelError: a policy or a setting can't be used, and `PAZPAZ_OTEL_STRICT` is set.
    """
    startup.start(settings)


class RedactingSpanProcessor(processors.RedactingSpanProcessor):
    """Pass guarded spans to the wrapped processor, for applications that wire a `TracerProvider` themselves.

    Args:
        processor: the processor that receives only guarded spans.
        policy: the path of a policy file; by default, the process's policy.

    Raises:
        PolicyError: the policy can't be used.
    """

    def __init__(self, processor: SpanProcessor, policy: str | None = None) -> None:
        super().__init__(processor, _guard(policy))


class RedactingLogRecordProcessor(processors.RedactingLogRecordProcessor):
    """Pass guarded log records to the wrapped processor; arguments and errors are those of `RedactingSpanProcessor`."""

    def __init__(self, processor: LogRecordProcessor, policy: str | None = None) -> None:
        super().__init__(processor, _guard(policy))


class RedactingMetricExporter(processors.RedactingMetricExporter):
    """Pass guarded metrics to the wrapped exporter; arguments and errors are those of `RedactingSpanProcessor`."""

    def __init__(self, exporter: MetricExporter, policy: str | None = None) -> None:
        super().__init__(exporter, _guard(policy))


def counter(name: str) -> Counter:
    """Return the counter that the policy declares as `name`.

    Before `configure()`, it counts nothing. If the policy declares no such counter or can't be used, it never counts,
    and one line is logged.

    Raises:
        PazPazOtelError: the policy declares no such counter, and `PAZPAZ_OTEL_STRICT` is set.
    """
    return runtime.instrument_of("counter", name)  # type: ignore[no-any-return]


def up_down_counter(name: str) -> UpDownCounter:
    """Return the up-down counter that the policy declares as `name`; see `counter`."""
    return runtime.instrument_of("up_down_counter", name)  # type: ignore[no-any-return]


def histogram(name: str) -> Histogram:
    """Return the histogram that the policy declares as `name`; see `counter`."""
    return runtime.instrument_of("histogram", name)  # type: ignore[no-any-return]


def gauge(name: str) -> Gauge:
    """Return the gauge that the policy declares as `name`; see `counter`."""
    return runtime.instrument_of("gauge", name)  # type: ignore[no-any-return]


def observe(name: str, callback: Callable[..., Any], every: float | None = None) -> None:
    """Observe, from `configure()` on, the observable instrument that the policy declares as `name`.

    Args:
        name: the instrument's name.
        callback: returns the current value without blocking, or `None` if there is none. With `every`, or if it is a
            coroutine function, it may block: one process of the host calls it on the event loop that is running now, or
            else in a thread, and the last value is exported.
        every: the seconds between two calls; 60 by default for a coroutine function.

    Raises:
        PazPazOtelError: the policy declares no such observable instrument, and `PAZPAZ_OTEL_STRICT` is set.
    """
    if every is not None or iscoroutinefunction(callback):
        from pazpaz_otel.otel.ledger.install import lease  # noqa: PLC0415 - only needed if something is read at intervals
        from pazpaz_otel.otel.periodic_values import DEFAULT_INTERVAL, PeriodicValue  # noqa: PLC0415

        callback = PeriodicValue(name, callback, DEFAULT_INTERVAL if every is None else every, lease).current
    runtime.observe(runtime.current(), name, callback)


def _guard(policy: str | None) -> Guard:
    guard = runtime.guard()
    if policy is None:
        return guard
    other = load_policy(policy)
    evidence = guard.evidence.widened(hosts=other.hosts, identifiers=other.sql_identifiers)
    return Guard(other, evidence)
