"""Guards on every provider of the process, whoever makes it.

A provider may come from our configurator, from `OTEL_CONFIG_FILE`, from another distribution or from the application.
All of them pass through the SDK's provider classes, so that is where the guards stand: between the provider and
whatever processors or readers it has or gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel import patches
from pazpaz_otel.otel import observing
from pazpaz_otel.otel.measurements import guard_measurements
from pazpaz_otel.otel.prepared.collection import add_prepared
from pazpaz_otel.otel.processors import (
    FillingSpanProcessor,
    RedactingLogRecordProcessor,
    RedactingMetrics,
    RedactingSpanProcessor,
)
from pazpaz_otel.otel.prometheus_client_bridge import PrometheusClientBridge
from pazpaz_otel.otel.views import policy_views

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

    from pazpaz_otel.redact.guards import Guard

_GUARDED = "_pazpaz_otel_guarded"


def guard_providers(guard: Guard) -> None:
    """Puts `guard` into every provider made from now on. Once is enough; a second call changes nothing."""
    metrics = RedactingMetrics(guard)
    bridge = PrometheusClientBridge(guard.policy)
    _after_init("tracer_provider.init", lambda provider: guard_tracer_provider(provider, guard))
    _after_init("logger_provider.init", lambda provider: guard_logger_provider(provider, guard))
    _with_views(guard)
    _guard_readers(metrics, bridge)
    guard_measurements(metrics.metrics)


def guard_tracer_provider(provider: TracerProvider, guard: Guard) -> None:
    """Puts a guard before each of one provider's span processors, those that it has and those that it gets."""
    processor: Any = provider._active_span_processor  # noqa: SLF001
    if isinstance(processor, RedactingSpanProcessor) or _GUARDED in vars(processor):
        return
    if not hasattr(processor, "_span_processors"):
        provider._active_span_processor = RedactingSpanProcessor(processor, guard)  # type: ignore[assignment]  # noqa: SLF001
        return
    add = processor.add_span_processor

    def guarded(leaf: SpanProcessor) -> SpanProcessor:
        if isinstance(leaf, RedactingSpanProcessor):
            return leaf
        return (
            FillingSpanProcessor(leaf)
            if getattr(type(leaf), "guards_itself", False)
            else RedactingSpanProcessor(leaf, guard)
        )

    processor._span_processors = tuple(map(guarded, processor._span_processors))  # noqa: SLF001
    processor.add_span_processor = lambda span_processor: add(guarded(span_processor))
    setattr(processor, _GUARDED, True)


def is_guarded(provider: Any) -> bool:
    """Returns whether guards stand before all of a tracer provider's processors."""
    processor = getattr(provider, "_active_span_processor", None)
    return isinstance(processor, RedactingSpanProcessor) or hasattr(processor, _GUARDED)


def guard_logger_provider(provider: LoggerProvider, guard: Guard) -> None:
    """Puts the guard between one provider and its log record processors."""
    processor = provider._multi_log_record_processor  # noqa: SLF001
    if not isinstance(processor, RedactingLogRecordProcessor):
        provider._multi_log_record_processor = RedactingLogRecordProcessor(processor, guard)  # type: ignore[assignment]  # noqa: SLF001


def _after_init(name: str, then: Callable[[Any], None]) -> None:
    def around(original: Any) -> Callable[..., None]:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            original(self, *args, **kwargs)
            then(self)

        return __init__

    patches.install(name, around)


def _with_views(guard: Guard) -> None:
    def around(original: Any) -> Callable[..., None]:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            # An application's own views stay alone: two views of one instrument would make two metrics of it.
            if not kwargs.get("views"):
                kwargs["views"] = policy_views(guard.policy)
            original(self, *args, **kwargs)

        return __init__

    patches.install("meter_provider.init", around)


def _guard_readers(metrics: RedactingMetrics, bridge: PrometheusClientBridge) -> None:
    def around(original: Any) -> Callable[..., None]:
        def _set_collect_callback(self: Any, func: Any) -> None:
            if func is None:
                original(self, None)
                return

            def collect(*args: Any, **kwargs: Any) -> Any:
                data = add_prepared(func, func(*args, **kwargs), self)
                return metrics.clean(bridge.add_to(data) if data is not None and observing.is_asked() else data)

            original(self, collect)

        return _set_collect_callback

    patches.install("metric_reader.set_collect_callback", around)
