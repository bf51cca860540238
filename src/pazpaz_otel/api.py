"""The functions that an application calls."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from pazpaz_otel import runtime, startup
from pazpaz_otel.otel import processors
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import WidenedEvidence
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
    """Start telemetry in code as `opentelemetry-instrument` does without: call it once, before the application is made.

    Args:
        settings: of the policy, the guards and Sentry; by default, what the environment holds. The SDK and its
            exporters read their own variables from the environment, whatever stands here.

    Raises:
        PazPazOtelError: a policy or a setting can't be used, and `PAZPAZ_OTEL_STRICT` is set.
    """
    startup.start(settings)


class RedactingSpanProcessor(processors.RedactingSpanProcessor):
    """Pass guarded spans to the wrapped processor, for applications that wire a `TracerProvider` themselves.

    Args:
        processor: what is to receive only guarded spans.
        policy: a policy file; by default, the process's policy.

    Raises:
        PolicyError: the policy can't be used.
    """

    def __init__(self, processor: SpanProcessor, policy: str | None = None) -> None:
        super().__init__(processor, _guard(policy))


class RedactingLogRecordProcessor(processors.RedactingLogRecordProcessor):
    """Pass guarded log records to the wrapped processor; takes and raises what `RedactingSpanProcessor` does."""

    def __init__(self, processor: LogRecordProcessor, policy: str | None = None) -> None:
        super().__init__(processor, _guard(policy))


class RedactingMetricExporter(processors.RedactingMetricExporter):
    """Pass guarded metrics to the wrapped exporter; takes and raises what `RedactingSpanProcessor` does."""

    def __init__(self, exporter: MetricExporter, policy: str | None = None) -> None:
        super().__init__(exporter, _guard(policy))


def counter(name: str) -> Counter:
    """Return the counter that the policy declares as `name`.

    Asked for before `configure()`, it counts nothing until then. Where the policy declares no counter of that name, or
    can't be used, it never counts, and one line says so.

    Raises:
        PazPazOtelError: the policy declares no counter of that name, and `PAZPAZ_OTEL_STRICT` is set.
    """
    return runtime.instrument_of("counter", name)  # type: ignore[no-any-return]


def up_down_counter(name: str) -> UpDownCounter:
    """Return the up-down counter that the policy declares as `name`, as `counter` does."""
    return runtime.instrument_of("up_down_counter", name)  # type: ignore[no-any-return]


def histogram(name: str) -> Histogram:
    """Return the histogram that the policy declares as `name`, as `counter` does."""
    return runtime.instrument_of("histogram", name)  # type: ignore[no-any-return]


def gauge(name: str) -> Gauge:
    """Return the gauge that the policy declares as `name`, as `counter` does."""
    return runtime.instrument_of("gauge", name)  # type: ignore[no-any-return]


def observe(name: str, callback: Callable[..., Any], every: float | None = None) -> None:
    """Observe the observable instrument that the policy declares as `name`; from `configure()` on.

    Args:
        name: of the instrument.
        callback: gives the value now, without blocking; `None` where there is none. With `every`, or if it is an
            asynchronous function, it may take its time: it is called aside, by one process of the host, on the event
            loop that is running now or else in a thread, and the last value is shown.
        every: seconds between two calls; 60 for an asynchronous function.

    Raises:
        PazPazOtelError: the policy declares no observable instrument of that name, and `PAZPAZ_OTEL_STRICT` is set.
    """
    if every is not None or iscoroutinefunction(callback):
        from pazpaz_otel.otel import refreshing  # noqa: PLC0415 - only where something is refreshed
        from pazpaz_otel.otel.ledger.install import lease  # noqa: PLC0415

        callback = refreshing.Refreshed(name, callback, refreshing.EVERY if every is None else every, lease).value
    runtime.observe(runtime.current(), name, callback)


def _guard(policy: str | None) -> Guard:
    guard = runtime.guard()
    if policy is None:
        return guard
    other = load_policy(policy)
    evidence = WidenedEvidence(guard.evidence, hosts=other.hosts, identifiers=other.sql_identifiers)
    return Guard(other, evidence)
