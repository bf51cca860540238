"""Patches of OpenTelemetry's API, SDK, exporters and logging handlers."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch, rows

_SPEC: Final = "https://opentelemetry.io/docs/specs/otel"
_PYTHON: Final = "https://github.com/open-telemetry/opentelemetry-python/issues"

_LAST: Final = "Checks whatever reaches an exporter and isn't the object that a guard created."
_WRITTEN: Final = "Proves a name, such as a queue's, where it is set."
_STARTED: Final = "Proves a span's name where its context manager is created, which may be before it is entered."
_TOLERATE: Final = (
    "Keeps invalid arguments from raising into the application, and tells the guard which record is emitted."
)
_MEASUREMENTS: Final = (
    "a processor of measurements",
    "https://github.com/open-telemetry/opentelemetry-specification/pull/4318",
    "the SDK has measurement processors",
)
_SERIALISED: Final = ("an exporter of serialised items", f"{_PYTHON}/3861", "the exporter takes serialised items")

ROWS: Final = (
    *rows(
        "opentelemetry.sdk.",
        "a hook for every provider that anyone creates",
        f"{_PYTHON}/4424",
        "the SDK offers a hook for providers, or processors that may replace items",
        (
            "tracer_provider.init",
            "trace:TracerProvider.__init__",
            "Guards the span processors of every tracer provider.",
        ),
        (
            "logger_provider.init",
            "_logs:LoggerProvider.__init__",
            "Guards the log record processors of every logger provider.",
        ),
        required=True,
    ),
    Patch(
        "meter_provider.init",
        "opentelemetry.sdk.metrics:MeterProvider.__init__",
        "Adds the policy's views to every meter provider, unless the application has its own.",
        "adding a view to an existing provider",
        f"{_SPEC}/metrics/sdk/#view",
        "views can be added to an existing provider",
        required=True,
    ),
    Patch(
        "measurements.collect",
        "opentelemetry.sdk.metrics._internal.measurement_consumer:SynchronousMeasurementConsumer.collect",
        "Guards what every metric reader collects.",
        "a processor of metrics",
        f"{_PYTHON}/4230",
        "the SDK has metric processors",
        required=True,
    ),
    Patch(
        "measurements.consume",
        "opentelemetry.sdk.metrics._internal.measurement_consumer:SynchronousMeasurementConsumer.consume_measurement",
        "Checks a measurement before it is aggregated: range, keys and the limit on series.",
        *_MEASUREMENTS,
        required=True,
    ),
    Patch(
        "observations.callback",
        "opentelemetry.sdk.metrics._internal.instrument:_Asynchronous.callback",
        "Checks the observations of observable instruments.",
        *_MEASUREMENTS,
        required=True,
    ),
    Patch(
        "observation.init",
        "opentelemetry.metrics:Observation.__init__",
        "Proves the names and texts in an observation's attributes where it is made.",
        *_MEASUREMENTS,
    ),
    *rows(
        "opentelemetry.sdk.",
        "an order of processors and exporters in which a guard is always the last",
        f"{_PYTHON}/4424",
        "the SDK offers a hook for providers, or processors that may replace items",
        ("exporter.span", "trace.export:SpanExporter.export", _LAST),
        ("exporter.log", "_logs.export:LogRecordExporter.export", _LAST),
        ("exporter.metric", "metrics.export:MetricExporter.export", _LAST),
        required=True,
        subclasses=True,
    ),
    *rows(
        "opentelemetry.propagators.textmap:TextMapPropagator.",
        "a filter of baggage by destination, and a global propagator that code imported earlier can't replace",
        f"{_SPEC}/context/api-propagators/",
        "propagators take a filter for baggage and trace state",
        (
            "propagator.inject",
            "inject",
            "Sends no trace state, and only the baggage that the policy allows for the request's host.",
        ),
        ("propagator.extract", "extract", "Discards the caller's trace state."),
        required=True,
        subclasses=True,
    ),
    *rows(
        "opentelemetry.",
        "a processor callback for writes to a running span",
        f"{_PYTHON}/4424",
        "span processors are called for a write while its statement runs",
        ("span.update_name", "sdk.trace:Span.update_name", "Proves a span's new name where it is given."),
        ("span.add_event", "sdk.trace:Span.add_event", "Proves an event's name where it is given."),
        ("span.set_status", "sdk.trace:Span.set_status", "Proves a status description where it is given."),
        (
            "span.set_attribute",
            "sdk.trace:Span.set_attribute",
            "Explains why an attribute will be dropped, if the setting is on.",
        ),
        (
            "span.set_attributes",
            "sdk.trace:Span.set_attributes",
            "Explains why attributes will be dropped, if the setting is on.",
        ),
        (
            "span.record_exception",
            "sdk.trace:Span.record_exception",
            "Writes the stack trace without source lines, and keeps what the raise proves.",
        ),
        ("span.set_attribute.written", "sdk.trace:Span.set_attribute", _WRITTEN),
        ("span.set_attributes.written", "sdk.trace:Span.set_attributes", _WRITTEN),
        (
            "span.record_exception.link",
            "sdk.trace:Span.record_exception",
            "Records on an exception the innermost span that it leaves, so that its Sentry event links to it.",
        ),
        ("tracer.start_as_current", "sdk.trace:Tracer.start_as_current_span", _STARTED),
        ("tracer.proxy.start_as_current", "trace:ProxyTracer.start_as_current_span", _STARTED),
    ),
    Patch(
        "scope.init",
        "opentelemetry.sdk.util.instrumentation:InstrumentationScope.__init__",
        "Proves an instrumentation scope's name and version where they are set.",
        "a hook for scopes; processors see a scope only after the statement that named it",
        f"{_SPEC}/common/instrumentation-scope/",
        "providers emit an event for each scope they create",
    ),
    Patch(
        "otlp.transport",
        "opentelemetry.exporter.otlp.proto.http._common:RequestsHTTPTransport",
        "Sends plain HTTP with urllib3 directly: three megabytes of memory less, and half the CPU.",
        "a choice of transport for the exporters that the configurator creates",
        f"{_SPEC}/protocol/exporter/",
        "the SDK's exporters use urllib3 by default",
    ),
    Patch(
        "otlp.client",
        "opentelemetry.exporter.otlp.common.http:_OTLPHTTPClient.export",
        "Tries only once, for a few seconds, when the process ends, so that no exit waits for a missing Collector.",
        "a `shutdown` of the providers with one timeout for all steps",
        f"{_PYTHON}/4555",
        "the SDK limits the whole shutdown in time",
    ),
    *rows(
        "opentelemetry.",
        "handlers that call `Handler.handleError`",
        f"{_PYTHON}/4261",
        "the handlers call `Handler.handleError`, like the standard library's",
        ("logging_handler.contrib.emit", "instrumentation.logging.handler:LoggingHandler.emit", _TOLERATE),
        ("logging_handler.sdk.emit", "sdk._logs:LoggingHandler.emit", _TOLERATE),
    ),
    Patch(
        "otlp.encode_spans",
        "opentelemetry.exporter.otlp.proto.http.trace_exporter:encode_spans",
        "Joins spans that are already encoded; encodes others as before.",
        *_SERIALISED,
    ),
    Patch(
        "otlp.encode_logs",
        "opentelemetry.exporter.otlp.proto.http._log_exporter:encode_logs",
        "Joins log records that are already encoded; encodes others as before.",
        *_SERIALISED,
    ),
    *rows(
        "opentelemetry.exporter.otlp.proto.http.metric_exporter:",
        *_SERIALISED,
        ("otlp.encode_metrics", "encode_metrics", "Encodes metrics without the classes of protocol buffers."),
        ("otlp.count_points", "_count_data_points", "Counts the points of metrics that are already encoded."),
    ),
    Patch(
        "meter.register_instrument",
        "opentelemetry.sdk.metrics:Meter._register_instrument",
        "Proves the name of an undeclared instrument where it is created.",
        "a hook for the creation of instruments",
        f"{_SPEC}/metrics/sdk/#meter",
        "views may be functions of the instrument, called when it is created",
        inherited=True,
    ),
)
