"""The last gate: an exporter receives only what a guard created; anything else is judged again.

A processor may pass on a span that it created itself, an exporter's wrapper may change a batch, and a queue may hold
items that are older than the guards.
"""

from __future__ import annotations

import functools
import inspect
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk._logs import ReadableLogRecord, ReadWriteLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult
from opentelemetry.sdk._shared_internal import BatchProcessor
from opentelemetry.sdk.metrics.export import MetricExportResult
from opentelemetry.sdk.trace.export import SpanExportResult

from pazpaz_otel import patches
from pazpaz_otel.otel import metric_batches
from pazpaz_otel.otel.otlp.request import Encoded
from pazpaz_otel.otel.processors import RedactingMetrics, judged_log, judged_span
from pazpaz_otel.patches.subclasses import living
from pazpaz_otel.redact import sealed
from pazpaz_otel.redact.log_record import LogGuard
from pazpaz_otel.redact.metric import LastMetricGuard
from pazpaz_otel.redact.span import SpanGuard

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.metrics.export import MetricExporter, MetricsData

    from pazpaz_otel.redact.guards import Guard

_SDK_NAMES: Final = ("spans", "batch", "metrics_data")
"""The SDK's parameter names for the items that an exporter receives."""

_judged: Final[ContextVar[MetricsData | None]] = ContextVar("pazpaz_otel_judged_metrics", default=None)
"""Metrics that go directly to an exporter, already judged in the processes that counted them."""


def export_judged(exporter: MetricExporter, data: MetricsData) -> MetricExportResult:
    """Export metrics that each process judged when it counted them; their routes may be unknown in this one."""
    token = _judged.set(data)
    try:
        return exporter.export(data)
    finally:
        _judged.reset(token)


def guard_exporters(guard: Guard) -> None:
    """Judge what reaches any exporter, however it is wrapped and called."""
    spans, logs = SpanGuard(guard), LogGuard(guard)

    def judge_span(item: Any) -> Any:
        return judged_span(item, spans, guard)

    def judge_log(item: Any) -> Any:
        clean = judged_log(ReadWriteLogRecord(item.log_record, item.resource, item.instrumentation_scope), logs, guard)
        if clean is None or clean.resource is None:
            return None
        return ReadableLogRecord(sealed.log_record(clean.log_record), clean.resource, clean.instrumentation_scope)

    # Of existing queues, whose items may be older than the guards. Each has a thread of its own: without one, the
    # search through all objects is spared.
    queues = living(BatchProcessor) if threading.active_count() > 1 else []
    for signal, is_sealed, judge, done in (
        ("span", _is_judged_span, judge_span, SpanExportResult.SUCCESS),
        ("log", _is_judged_log, judge_log, LogRecordExportResult.SUCCESS),
    ):
        around = functools.partial(_guarding, guard, is_sealed, judge, done)
        behind = {type(queue._exporter) for queue in queues if queue._exporting.lower() == signal}  # noqa: SLF001
        patches.install(f"exporter.{signal}", around, also=behind)
    patches.install("exporter.metric", functools.partial(_guarding_metrics, guard))


def _guarding(guard: Guard, is_sealed: Any, judge: Any, done: Any, original: Any) -> Any:
    names = _names(original)

    def export(self: Any, *args: Any, **kwargs: Any) -> Any:
        given, send = _taken(functools.partial(original, self), names, args, kwargs)
        batch = given if isinstance(given, (list, tuple)) else list(given)
        if guard.closed or not all(map(is_sealed, batch)):
            judged = (item if is_sealed(item) else judge(item) for item in (() if guard.closed else batch))
            batch = [item for item in judged if item is not None]
            if not batch:
                return done
        return send(batch)

    return export


def _guarding_metrics(guard: Guard, original: Any) -> Any:
    names = _names(original)
    metrics = RedactingMetrics(guard, LastMetricGuard(guard))
    in_batches = ".otlp" in str(getattr(original, "__module__", ""))

    def export(self: Any, *args: Any, **kwargs: Any) -> Any:
        data, send = _taken(functools.partial(original, self), names, args, kwargs)
        if _judged.get() is data:
            # Skipped only for this exporter: one that it calls may receive other items.
            _judged.set(None)
        else:
            data = metrics.clean(data)
        if guard.closed or data is None:
            return MetricExportResult.SUCCESS
        return metric_batches.export(data, send) if in_batches else send(data)

    return export


def _names(original: Any) -> tuple[str, ...]:
    """Return the names by which a caller may pass items to an exporter: its own parameter's or the SDK's."""
    try:
        return (*list(inspect.signature(original).parameters)[1:2], *_SDK_NAMES)
    except (TypeError, ValueError):
        return _SDK_NAMES


def _taken(
    call: Callable[..., Any], names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Callable[[Any], Any]]:
    """Return the items among a call's arguments, and a function that makes the call with other items."""
    if len(args) == 1:
        return args[0], functools.partial(call, **kwargs)
    if args:
        return args[0], lambda items: call(items, *args[1:], **kwargs)
    name = next((name for name in (*names, *kwargs) if name in kwargs), names[0])
    return kwargs.get(name, ()), lambda items: call(**{**kwargs, name: items})


def _is_judged_span(item: Any) -> bool:
    # Either a guarded span's bytes, or the guard's own span.
    return item.__class__ is Encoded or sealed.is_sealed_span(item)


def _is_judged_log(item: Any) -> bool:
    return item.__class__ is Encoded or sealed.is_sealed_log(item)
