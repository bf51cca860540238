"""The last gate: what reaches an exporter is what a guard made, or is judged again.

A processor may hand on a span that it made itself, an exporter's wrapper a batch that it changed, and a queue may hold
items from before the guards were there.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk._logs import ReadableLogRecord, ReadWriteLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult
from opentelemetry.sdk.metrics.export import MetricExportResult
from opentelemetry.sdk.trace.export import SpanExportResult

from pazpaz_otel import patches
from pazpaz_otel.otel import portions
from pazpaz_otel.otel.otlp.request import Encoded
from pazpaz_otel.otel.processors import RedactingMetrics, judged_log, judged_span
from pazpaz_otel.redact import sealed
from pazpaz_otel.redact.log_record import LogGuard
from pazpaz_otel.redact.span import SpanGuard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pazpaz_otel.redact.guards import Guard

_KNOWN: Final = ("opentelemetry.", "pazpaz_otel.")
"""Exporters of these modules hand on what they are given as it is."""

_changed: ContextVar[bool] = ContextVar("pazpaz_otel_exporter_changed", default=False)
"""Whether the export at hand has passed an exporter that may have changed the metrics."""


def guard_exporters(guard: Guard, metrics: RedactingMetrics) -> None:
    """Judge what reaches any exporter, however it is wrapped."""
    spans, logs = SpanGuard(guard), LogGuard(guard)
    judge_span = functools.partial(_sealed_span, spans=spans, guard=guard)
    judge_log = functools.partial(_sealed_log, logs=logs, guard=guard)
    for name, is_sealed, judge, done in (
        ("exporter.span", _is_judged_span, judge_span, SpanExportResult.SUCCESS),
        ("exporter.log", _is_judged_log, judge_log, LogRecordExportResult.SUCCESS),
    ):
        patches.install(name, functools.partial(_guarding, guard, is_sealed, judge, done))
    patches.install("exporter.metric", functools.partial(_guarding_metrics, guard, metrics))


def _guarding(guard: Guard, is_sealed: Any, judge: Any, done: Any, original: Any) -> Any:
    def export(self: Any, batch: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
        if guard.closed or not all(map(is_sealed, batch)):
            batch = [] if guard.closed else [item for item in map(judge, batch) if item is not None]
            if not batch:
                return done
        return original(self, batch, *args, **kwargs)

    return export


def _guarding_metrics(guard: Guard, metrics: RedactingMetrics, original: Any) -> Any:
    def export(self: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
        clean = metrics.clean(data) if _changed.get() else data
        if guard.closed or clean is None:
            return MetricExportResult.SUCCESS
        token = _changed.set(_changed.get() or not type(self).__module__.startswith(_KNOWN))
        try:
            if ".otlp" not in type(self).__module__:
                return original(self, clean, *args, **kwargs)
            return portions.export(clean, lambda portion: original(self, portion, *args, **kwargs))
        finally:
            _changed.reset(token)

    return export


def _sealed_span(item: Any, spans: SpanGuard, guard: Guard) -> Any:
    return item if _is_judged_span(item) else judged_span(item, spans, guard)


def _is_judged_span(item: Any) -> bool:
    # As the guard made it, or as the bytes of that.
    return sealed.is_sealed_span(item) or item.__class__ is Encoded


def _is_judged_log(item: Any) -> bool:
    return item.__class__ is Encoded or sealed.is_sealed_log(item)


def _sealed_log(item: Any, logs: LogGuard, guard: Guard) -> Any:
    if _is_judged_log(item):
        return item
    clean = judged_log(ReadWriteLogRecord(item.log_record, item.resource, item.instrumentation_scope), logs, guard)
    if clean is None or clean.resource is None:
        return None
    return ReadableLogRecord(sealed.log_record(clean.log_record), clean.resource, clean.instrumentation_scope)
