"""The last gate: processors before every exporter that drop what a guard can't judge."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk._logs import LogRecordProcessor, ReadWriteLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.trace import SpanKind

from pazpaz_otel.otel.otlp import shapes
from pazpaz_otel.otel.span_view import guarded_view
from pazpaz_otel.otel.text_writers import prove_name
from pazpaz_otel.redact import drops, sealed
from pazpaz_otel.redact.emission import emitting
from pazpaz_otel.redact.log_record import LogGuard
from pazpaz_otel.redact.metric import MetricGuard
from pazpaz_otel.redact.span import SpanGuard, is_encodable

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

    from opentelemetry._logs import LogRecord
    from opentelemetry.context import Context
    from opentelemetry.sdk.metrics.export import MetricsData

    from pazpaz_otel.redact.guards import Guard


class _Wrapping:
    """What a processor delegates to the one it wraps, for all signals."""

    def __init__(self, processor: Any, guard: Guard) -> None:
        self._processor = processor
        self._guard = guard

    def shutdown(self, *args: Any, **kwargs: Any) -> None:
        """Shut the wrapped processor down."""
        self._processor.shutdown(*args, **kwargs)

    def force_flush(self, *args: Any, **kwargs: Any) -> bool:
        """Flush the wrapped processor."""
        return bool(self._processor.force_flush(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)


class RedactingSpanProcessor(_Wrapping, SpanProcessor):
    """Pass guarded spans to the wrapped processor.

    For applications that wire a `TracerProvider` themselves::

        provider.add_span_processor(RedactingSpanProcessor(BatchSpanProcessor(exporter), guard))

    Args:
        processor: the processor that receives only guarded spans.
        guard: the policy and the evidence.
    """

    def __init__(self, processor: SpanProcessor, guard: Guard) -> None:
        super().__init__(processor, guard)
        self._spans = SpanGuard(guard)
        # The SDK's processors do nothing with a running span, so they need no view of it.
        self._looks = type(processor) not in {BatchSpanProcessor, SimpleSpanProcessor}

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Prove the span's name while the naming statement is running; show the processor a guarded view."""
        prove_name(span, self._guard)
        if self._looks:
            self._processor.on_start(guarded_view(span, self._spans), parent_context)

    def _on_ending(self, span: Span) -> None:
        if self._looks:
            self._processor._on_ending(guarded_view(span, self._spans))  # noqa: SLF001 - the SDK's own protocol

    def on_end(self, span: ReadableSpan) -> None:
        """Pass the guarded span on; drop and count what can't be guarded."""
        clean = judged_span(span, self._spans, self._guard)
        if clean is not None:
            self._processor.on_end(clean)


class FillingSpanProcessor(SpanProcessor):
    """Pass spans with their shapes' attributes to one of our processors, which guards what it keeps.

    Args:
        processor: has `guards_itself`, the `kinds` of spans that it keeps, and `keep`, which accepts a function that
            makes the span: most are never looked at.
    """

    knows_shapes = True

    def __init__(self, processor: Any) -> None:
        self._processor = processor
        self._kinds = frozenset(getattr(processor, "kinds", SpanKind))

    def on_end(self, span: ReadableSpan) -> None:
        """Pass the span on."""
        if span.kind in self._kinds:
            ending = shapes.of(span)
            self._processor.keep((lambda: span) if ending is None else functools.partial(shapes.filled, span, ending))

    def end_shaped(
        self, span: ReadableSpan, shape: shapes.Shape, own: Mapping[str, Any], encoded: bytes | None
    ) -> None:
        """Pass a span with a shape on."""
        if span.kind in self._kinds:
            self._processor.keep(functools.partial(shapes.filled, span, shapes.Ending(shape, own, encoded)))


class RedactingLogRecordProcessor(_Wrapping, LogRecordProcessor):
    """Pass guarded log records to the wrapped processor.

    Args:
        processor: the processor that receives only guarded records.
        guard: the policy and the evidence.
    """

    def __init__(self, processor: LogRecordProcessor, guard: Guard) -> None:
        super().__init__(processor, guard)
        self._logs = LogGuard(guard)
        self._writes = type(processor) not in {BatchLogRecordProcessor, SimpleLogRecordProcessor}

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Pass the guarded record on; drop and count what can't be guarded."""
        clean = judged_log(log_record, self._logs, self._guard, emitting())
        if clean is None:
            return
        if not self._writes:
            clean.log_record = sealed.log_record(clean.log_record)
            self._processor.on_emit(clean)
            return
        # The processor may write to its copy; the next one sees that, and its guard judges it.
        before = copy.copy(clean.log_record), dict(clean.log_record.attributes or {})
        try:
            self._processor.on_emit(clean)
        finally:
            take_over(log_record.log_record, clean.log_record, *before)

    def enabled(self, **arguments: Any) -> bool:
        """Ask the wrapped processor."""
        return bool(self._processor.enabled(**arguments))


def judged_span(span: ReadableSpan, spans: SpanGuard, guard: Guard) -> ReadableSpan | None:
    """Return the guarded span, or None (counted) if it can't be guarded or nothing may leave."""
    if guard.closed:
        drops.drop("span", "unguarded")
        return None
    try:
        clean = spans.clean(span)
        if is_encodable(clean):
            return clean
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.lose("span", error)
        return None
    drops.drop("span", "wrong_type")
    return None


def judged_log(
    record: ReadWriteLogRecord, logs: LogGuard, guard: Guard, source: logging.LogRecord | None = None
) -> ReadWriteLogRecord | None:
    """Return the guarded record, or None (counted) if it can't be guarded or nothing may leave."""
    if guard.closed:
        drops.drop("log", "unguarded")
        return None
    try:
        return logs.clean(record, source)
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.lose("log", error)
        return None


def take_over(record: LogRecord, written: LogRecord, before: LogRecord, attributes: Mapping[str, Any]) -> None:
    """Copy what a processor wrote on its copy to the record, so that later processors see it."""
    for field in ("body", "severity_text", "severity_number", "event_name", "timestamp", "observed_timestamp"):
        if getattr(written, field) is not getattr(before, field):
            setattr(record, field, getattr(written, field))
    changed = {
        key: value
        for key, value in (written.attributes or {}).items()
        if key not in attributes or attributes[key] is not value
    }
    if changed:
        record.attributes = {**(record.attributes or {}), **changed}


class RedactingMetricExporter(MetricExporter):
    """Pass guarded metrics to the wrapped exporter.

    Args:
        exporter: the exporter that receives only guarded metrics.
        guard: the policy and the evidence.
    """

    def __init__(self, exporter: MetricExporter, guard: Guard) -> None:
        super().__init__(
            preferred_temporality=exporter._preferred_temporality,  # noqa: SLF001 - the reader asks the exporter for it
            preferred_aggregation=exporter._preferred_aggregation,  # noqa: SLF001
        )
        self._exporter = exporter
        self._metrics = RedactingMetrics(guard)

    def export(self, metrics_data: MetricsData, *args: Any, **kwargs: Any) -> MetricExportResult:
        """Export the guarded metrics; what can't be guarded is dropped and counted, without a retry."""
        clean = self._metrics.clean(metrics_data)
        if clean is None:
            return MetricExportResult.SUCCESS
        return self._exporter.export(clean, *args, **kwargs)

    def force_flush(self, *args: Any, **kwargs: Any) -> bool:
        """Flush the wrapped exporter."""
        return self._exporter.force_flush(*args, **kwargs)

    def shutdown(self, *args: Any, **kwargs: Any) -> None:
        """Shut the wrapped exporter down."""
        self._exporter.shutdown(*args, **kwargs)


class RedactingMetrics:
    """Guard what a metric reader collects.

    Args:
        guard: the policy and the evidence.
        metrics: the guard that judges; by default, the one used where measurements are recorded.
    """

    def __init__(self, guard: Guard, metrics: MetricGuard | None = None) -> None:
        self._guard = guard
        self.metrics = metrics or MetricGuard(guard)

    def clean(self, data: MetricsData | None) -> MetricsData | None:
        """Return the guarded metrics, or None (counted) if they can't be guarded."""
        if data is None or self._guard.closed:
            return None
        try:
            return self.metrics.clean(data)
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.lose("metric", error)
            return None
