"""Choose the processors that the SDK's configurator creates for its exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor

from pazpaz_otel.otel.delivery import batching
from pazpaz_otel.otel.otlp.log_processor import OtlpLogRecordProcessor
from pazpaz_otel.otel.otlp.processor import OtlpSpanProcessor
from pazpaz_otel.otel.otlp.request import accepts_encoded_logs, accepts_encoded_spans

if TYPE_CHECKING:
    from opentelemetry.sdk._logs.export import LogRecordExporter
    from opentelemetry.sdk.trace.export import SpanExporter

    from pazpaz_otel.redact.guards import Guard


def processors(guard: Guard) -> dict[str, Any]:
    """Return the configurator's arguments that select processors.

    Our encoding processors if the exporter can send encoded items, else the SDK's; losses of either are counted.
    """

    def of_spans(exporter: SpanExporter) -> Any:
        if accepts_encoded_spans(exporter):
            return OtlpSpanProcessor(exporter, guard)
        return batching(exporter, "span")

    def of_logs(exporter: LogRecordExporter) -> Any:
        if accepts_encoded_logs(exporter):
            return OtlpLogRecordProcessor(exporter, guard)
        if getattr(exporter, "takes_each_at_once", False):
            return SimpleLogRecordProcessor(exporter)
        return batching(exporter, "log")

    return {"export_span_processor": of_spans, "export_log_record_processor": of_logs}
