"""Guard every provider in the process, whoever creates it.

A provider may come from our configurator, `OTEL_CONFIG_FILE`, another distribution or the application. All of them use
the SDK's provider classes; there, each of a provider's processors and readers gets its own guard, so that none can
change what another sees.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel import patches
from pazpaz_otel.otel.exporters import guard_exporters
from pazpaz_otel.otel.forked_sdk import count_from_zero
from pazpaz_otel.otel.measurements import guard_measurements, is_asked
from pazpaz_otel.otel.prepared.collection import add_prepared
from pazpaz_otel.otel.processors import (
    FillingSpanProcessor,
    RedactingLogRecordProcessor,
    RedactingMetrics,
    RedactingSpanProcessor,
)
from pazpaz_otel.otel.prometheus_client_bridge import PrometheusClientBridge
from pazpaz_otel.otel.undeclared import prove_instruments
from pazpaz_otel.otel.views import policy_views
from pazpaz_otel.patches.subclasses import living

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.guards import Guard

_ADDS: Final = {
    "_active_span_processor": "add_span_processor",
    "_multi_log_record_processor": "add_log_record_processor",
}
"""Where a provider keeps its processors, and the method that is replaced."""


def guard_providers(guard: Guard) -> None:
    """Install `guard` in every provider, including existing ones; repeated calls change nothing."""
    metrics = RedactingMetrics(guard)
    bridge = PrometheusClientBridge(guard.policy)
    for name, then in (("tracer", guard_tracer_provider), ("logger", guard_logger_provider)):
        patches.install(f"{name}_provider.init", partial(_after_init, partial(then, guard=guard)))
    patches.install("meter_provider.init", partial(_with_views, guard))
    patches.install("measurements.collect", partial(_collecting, metrics, bridge))
    guard_measurements(metrics.metrics)
    guard_exporters(guard)
    guard_existing(guard)
    prove_instruments(guard)
    bridge.prove_names()


def guard_existing(guard: Guard) -> None:
    """Guard existing providers, in place."""
    # The SDK keeps no list of providers that an application created but didn't set.
    for existing in living(TracerProvider, LoggerProvider, MeterProvider):
        if isinstance(existing, TracerProvider):
            guard_tracer_provider(existing, guard)
        elif isinstance(existing, LoggerProvider):
            guard_logger_provider(existing, guard)
        else:
            _guard_readers(existing)


def guard_tracer_provider(provider: TracerProvider, guard: Guard) -> None:
    """Give each of a provider's span processors, present and future, its own guard."""
    multi: Any = provider._active_span_processor  # noqa: SLF001
    if isinstance(multi, RedactingSpanProcessor):
        return
    if not hasattr(multi, "_span_processors"):
        # The application replaced the SDK's multi-processor with its own, which passes spans to processors it alone
        # knows.
        guarded: Any = RedactingSpanProcessor(multi, guard)
        provider._active_span_processor = guarded  # noqa: SLF001
        for tracer in provider._tracers.values():  # noqa: SLF001
            tracer.span_processor = guarded
        return
    _guard_leaves(multi, "_span_processors", "add_span_processor", lambda leaf: _guarded_span_leaf(leaf, guard))


def is_guarded(provider: Any) -> bool:
    """Return whether every processor of a tracer or logger provider has a guard."""
    for held, add in _ADDS.items():
        multi = getattr(provider, held, None)
        if multi is not None:
            return isinstance(multi, (RedactingSpanProcessor, RedactingLogRecordProcessor)) or add in vars(multi)
    return False


def guard_logger_provider(provider: LoggerProvider, guard: Guard) -> None:
    """Give each of a provider's log record processors, present and future, its own guard."""
    multi: Any = provider._multi_log_record_processor  # noqa: SLF001
    if isinstance(multi, RedactingLogRecordProcessor):
        return
    if not hasattr(multi, "_log_record_processors"):
        guarded: Any = RedactingLogRecordProcessor(multi, guard)
        provider._multi_log_record_processor = guarded  # noqa: SLF001
        for logger in list(provider._active_loggers):  # noqa: SLF001
            logger._multi_log_record_processor = guarded  # noqa: SLF001
        return
    _guard_leaves(
        multi, "_log_record_processors", "add_log_record_processor", lambda leaf: _guarded_log_leaf(leaf, guard)
    )


def _guard_leaves(multi: Any, leaves: str, add: str, guarded: Callable[[Any], Any]) -> None:
    """Wrap a multi-processor's processors in place, because tracers, loggers and running spans refer to it."""
    if add in vars(multi):
        return
    original = getattr(multi, add)
    setattr(multi, add, lambda leaf: original(guarded(leaf)))
    setattr(multi, leaves, tuple(map(guarded, getattr(multi, leaves))))


def _guarded_span_leaf(leaf: Any, guard: Guard) -> Any:
    if isinstance(leaf, (RedactingSpanProcessor, FillingSpanProcessor)):
        return leaf
    # One of our processors that keeps its input to itself, and guards it when it uses it.
    return (
        FillingSpanProcessor(leaf)
        if getattr(type(leaf), "guards_itself", False)
        else RedactingSpanProcessor(leaf, guard)
    )


def _guarded_log_leaf(leaf: Any, guard: Guard) -> Any:
    return leaf if isinstance(leaf, RedactingLogRecordProcessor) else RedactingLogRecordProcessor(leaf, guard)


def _after_init(then: Callable[[Any], None], original: Any) -> Callable[..., None]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        then(self)

    return __init__


def _with_views(guard: Guard, original: Any) -> Callable[..., None]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        # Don't add to an application's own views: two views of one instrument would make two metrics of it.
        if not kwargs.get("views"):
            kwargs["views"] = policy_views(guard.policy)
        original(self, *args, **kwargs)
        count_from_zero(self)

    return __init__


def _collecting(metrics: RedactingMetrics, bridge: PrometheusClientBridge, original: Any) -> Callable[..., Any]:
    """Guard what readers collect at its source, whatever a reader does with it."""

    def collect(self: Any, metric_reader: Any, *args: Any, **kwargs: Any) -> Any:
        data = add_prepared(self, original(self, metric_reader, *args, **kwargs), metric_reader)
        if is_asked():
            data = bridge.add_to(data, self._sdk_config.resource)
        return metrics.clean(data)

    return collect


def _guard_readers(provider: Any) -> None:
    """Give a provider's readers, which refer to the original method, the guarded one."""
    count_from_zero(provider)
    consumer = provider._measurement_consumer  # noqa: SLF001
    for reader in list(consumer._reader_storages):  # noqa: SLF001 - where the SDK keeps them
        reader._set_collect_callback(consumer.collect)  # noqa: SLF001 - as the provider did
