"""Guards on every provider of the process, whoever makes it.

A provider may come from our configurator, from `OTEL_CONFIG_FILE`, from another distribution or from the application.
All of them pass through the SDK's provider classes; there each processor and reader that a provider has or gets is
given a guard of its own, so that none writes on what another sees.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel import patches
from pazpaz_otel.otel.exporters import guard_exporters
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.redact.guards import Guard

_ADDS: Final = {
    "_active_span_processor": "add_span_processor",
    "_multi_log_record_processor": "add_log_record_processor",
}
"""Where a provider keeps its processors, and the method that is replaced there."""


def guard_providers(guard: Guard) -> None:
    """Put `guard` into every provider, those that exist included. A second call changes nothing."""
    metrics = RedactingMetrics(guard)
    bridge = PrometheusClientBridge(guard.policy)
    _after_init("tracer_provider.init", lambda provider: guard_tracer_provider(provider, guard))
    _after_init("logger_provider.init", lambda provider: guard_logger_provider(provider, guard))
    _with_views(guard)
    _guard_collection(metrics, bridge)
    guard_measurements(metrics.metrics)
    guard_exporters(guard)
    guard_existing(guard)
    prove_instruments(guard)
    bridge.prove_names()


def guard_existing(guard: Guard) -> None:
    """Guard, in place, the providers that were made before."""
    for existing in _living(TracerProvider, LoggerProvider, MeterProvider):
        if isinstance(existing, TracerProvider):
            guard_tracer_provider(existing, guard)
        elif isinstance(existing, LoggerProvider):
            guard_logger_provider(existing, guard)
        else:
            _guard_readers(existing)


def _living(*kinds: type) -> list[Any]:
    # The SDK keeps no list of the providers that an application made and set nowhere; each refers to its class.
    classes: list[type] = list(kinds)
    for cls in classes:
        classes += cls.__subclasses__()
    # By its type: `isinstance` would ask an application's proxies for what they stand for.
    return [thing for thing in gc.get_referrers(*classes) if issubclass(type(thing), kinds)]


def guard_tracer_provider(provider: TracerProvider, guard: Guard) -> None:
    """Give each span processor of a provider, present and future, a guard of its own."""
    multi: Any = provider._active_span_processor  # noqa: SLF001
    if isinstance(multi, RedactingSpanProcessor):
        return
    if not hasattr(multi, "_span_processors"):
        # A processor of the application's own in the place of the SDK's, which hands spans to whatever it knows.
        guarded: Any = RedactingSpanProcessor(multi, guard)
        provider._active_span_processor = guarded  # noqa: SLF001
        for tracer in provider._tracers.values():  # noqa: SLF001
            tracer.span_processor = guarded
        return
    _guard_leaves(multi, "_span_processors", "add_span_processor", lambda leaf: _guarded_span_leaf(leaf, guard))


def is_guarded(provider: Any) -> bool:
    """Return whether a guard stands before each processor of a tracer or logger provider."""
    for held, add in _ADDS.items():
        multi = getattr(provider, held, None)
        if multi is not None:
            return isinstance(multi, (RedactingSpanProcessor, RedactingLogRecordProcessor)) or add in vars(multi)
    return False


def guard_logger_provider(provider: LoggerProvider, guard: Guard) -> None:
    """Give each log record processor of a provider, present and future, a guard of its own."""
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
    """Wrap what a multi-processor holds and gets; in place, as tracers, loggers and running spans hold on to it."""
    if add in vars(multi):
        return
    original = getattr(multi, add)
    setattr(multi, add, lambda leaf: original(guarded(leaf)))
    setattr(multi, leaves, tuple(map(guarded, getattr(multi, leaves))))


def _guarded_span_leaf(leaf: Any, guard: Guard) -> Any:
    if isinstance(leaf, (RedactingSpanProcessor, FillingSpanProcessor)):
        return leaf
    # One of ours that keeps what it is given to itself, and guards it when it uses it.
    return (
        FillingSpanProcessor(leaf)
        if getattr(type(leaf), "guards_itself", False)
        else RedactingSpanProcessor(leaf, guard)
    )


def _guarded_log_leaf(leaf: Any, guard: Guard) -> Any:
    return leaf if isinstance(leaf, RedactingLogRecordProcessor) else RedactingLogRecordProcessor(leaf, guard)


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


def _guard_collection(metrics: RedactingMetrics, bridge: PrometheusClientBridge) -> None:
    """Guard what readers collect where it comes from, whatever a reader makes of it."""

    def around(original: Any) -> Callable[..., Any]:
        def collect(self: Any, metric_reader: Any, *args: Any, **kwargs: Any) -> Any:
            data = add_prepared(self, original(self, metric_reader, *args, **kwargs), metric_reader)
            if is_asked():
                data = bridge.add_to(data, self._sdk_config.resource)
            return metrics.clean(data)

        return collect

    patches.install("measurements.collect", around)


def _guard_readers(provider: Any) -> None:
    """Give the readers of a provider, which hold on to its method as it was, the guarded one."""
    consumer = provider._measurement_consumer  # noqa: SLF001
    for reader in list(consumer._reader_storages):  # noqa: SLF001 - where the SDK keeps them
        reader._set_collect_callback(consumer.collect)  # noqa: SLF001 - as the provider did
