"""The functions that an application calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel import runtime
from pazpaz_otel.otel import processors
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import WidenedEvidence
from pazpaz_otel.redact.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.metrics import Counter, Histogram, UpDownCounter
    from opentelemetry.metrics import _Gauge as Gauge
    from opentelemetry.sdk._logs import LogRecordProcessor
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace import SpanProcessor

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
        settings: of the policy, the guards and Sentry; by default, what the environment holds. The SDK and its
            exporters read their own variables from the environment, whatever stands here.

    Raises:
        PazPazOtelError: a policy or a setting can't be used, and `PAZPAZ_OTEL_STRICT` is set.
    """
    from pazpaz_otel.distro import PazPazConfigurator  # noqa: PLC0415 - it imports the SDK's configurator

    process = runtime.prepare(settings)
    if process.finished:
        return
    PazPazConfigurator().configure()  # type: ignore[no-untyped-call]
    runtime.instrument_standard()


class RedactingSpanProcessor(processors.RedactingSpanProcessor):
    """Passes guarded spans to the processor that it wraps, for those who wire a `TracerProvider` themselves.

    Args:
        processor: what is to receive only guarded spans.
        policy: a policy file; by default, the process's policy.

    Raises:
        PolicyError: the policy can't be used.
    """

    def __init__(self, processor: SpanProcessor, policy: str | None = None) -> None:
        super().__init__(processor, _guard(policy))


class RedactingLogRecordProcessor(processors.RedactingLogRecordProcessor):
    """Passes guarded log records on; takes and raises what `RedactingSpanProcessor` does."""

    def __init__(self, processor: LogRecordProcessor, policy: str | None = None) -> None:
        super().__init__(processor, _guard(policy))


class RedactingMetricExporter(processors.RedactingMetricExporter):
    """Passes guarded metrics to the exporter that it wraps; takes and raises what `RedactingSpanProcessor` does."""

    def __init__(self, exporter: MetricExporter, policy: str | None = None) -> None:
        super().__init__(exporter, _guard(policy))


def counter(name: str) -> Counter:
    """The counter that the policy declares as `name`.

    Raises:
        PazPazOtelError: the policy declares no counter of that name.
    """
    return runtime.prepare().instruments.counter(name)


def up_down_counter(name: str) -> UpDownCounter:
    """The up-down counter that the policy declares as `name`; raises as `counter` does."""
    return runtime.prepare().instruments.up_down_counter(name)


def histogram(name: str) -> Histogram:
    """The histogram that the policy declares as `name`; raises as `counter` does."""
    return runtime.prepare().instruments.histogram(name)


def gauge(name: str) -> Gauge:
    """The gauge that the policy declares as `name`; raises as `counter` does."""
    return runtime.prepare().instruments.gauge(name)


def observe(name: str, callback: Callable[..., Any]) -> None:
    """Observes the observable instrument that the policy declares as `name`.

    Args:
        name: of the instrument.
        callback: gives the value now, without blocking; `None` where there is none.

    Raises:
        PazPazOtelError: the policy declares no observable instrument of that name.
    """
    runtime.prepare().instruments.observe(name, callback)


def _guard(policy: str | None) -> Guard:
    process = runtime.prepare()
    if policy is None:
        return process.guard
    other = load_policy(policy)
    evidence = WidenedEvidence(process.guard.evidence, hosts=other.hosts, identifiers=other.sql_identifiers)
    return Guard(other, evidence)
