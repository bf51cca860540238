"""Patches of OpenTelemetry's API, SDK, exporters and logging handlers."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

_SPEC: Final = "https://opentelemetry.io/docs/specs/otel"
_PYTHON: Final = "https://github.com/open-telemetry/opentelemetry-python/issues"
_LOGGING_HANDLERS: Final = (
    ("contrib", "opentelemetry.instrumentation.logging.handler", "opentelemetry-instrumentation-logging"),
    ("sdk", "opentelemetry.sdk._logs", "opentelemetry-sdk"),
)
_NO_PROVIDER_HOOK: Final = "a hook for every provider that anyone creates"
_UNTIL_PROVIDERS: Final = "the SDK offers a hook for providers, or processors that may replace items"
_NO_WRITER_HOOK: Final = "a processor callback for writes to a running span"
_UNTIL_WRITERS: Final = "span processors are called for a write while its statement runs"
_NO_MEASUREMENT_HOOK: Final = "a processor of measurements"
_UNTIL_MEASUREMENTS: Final = "the SDK has measurement processors"

ROWS: Final = (
    Patch(
        "tracer_provider.init",
        "opentelemetry.sdk.trace:TracerProvider.__init__",
        "opentelemetry-sdk",
        "Guards the span processors of every tracer provider.",
        _NO_PROVIDER_HOOK,
        f"{_PYTHON}/4424",
        _UNTIL_PROVIDERS,
        required=True,
    ),
    Patch(
        "logger_provider.init",
        "opentelemetry.sdk._logs:LoggerProvider.__init__",
        "opentelemetry-sdk",
        "Guards the log record processors of every logger provider.",
        _NO_PROVIDER_HOOK,
        f"{_PYTHON}/4424",
        _UNTIL_PROVIDERS,
        required=True,
    ),
    Patch(
        "meter_provider.init",
        "opentelemetry.sdk.metrics:MeterProvider.__init__",
        "opentelemetry-sdk",
        "Adds the policy's views to every meter provider, unless the application has its own.",
        "adding a view to an existing provider",
        f"{_SPEC}/metrics/sdk/#view",
        "views can be added to an existing provider",
        required=True,
    ),
    Patch(
        "measurements.collect",
        "opentelemetry.sdk.metrics._internal.measurement_consumer:SynchronousMeasurementConsumer.collect",
        "opentelemetry-sdk",
        "Guards what every metric reader collects.",
        "a processor of metrics",
        f"{_PYTHON}/4230",
        "the SDK has metric processors",
        required=True,
    ),
    Patch(
        "measurements.consume",
        "opentelemetry.sdk.metrics._internal.measurement_consumer:SynchronousMeasurementConsumer.consume_measurement",
        "opentelemetry-sdk",
        "Checks a measurement before it is aggregated: range, keys and the limit on series.",
        _NO_MEASUREMENT_HOOK,
        "https://github.com/open-telemetry/opentelemetry-specification/pull/4318",
        _UNTIL_MEASUREMENTS,
        required=True,
    ),
    Patch(
        "observation.init",
        "opentelemetry.metrics:Observation.__init__",
        "opentelemetry-api",
        "Proves the names and texts in an observation's attributes where it is made.",
        _NO_MEASUREMENT_HOOK,
        "https://github.com/open-telemetry/opentelemetry-specification/pull/4318",
        _UNTIL_MEASUREMENTS,
    ),
    Patch(
        "observations.callback",
        "opentelemetry.sdk.metrics._internal.instrument:_Asynchronous.callback",
        "opentelemetry-sdk",
        "Checks the observations of observable instruments.",
        _NO_MEASUREMENT_HOOK,
        "https://github.com/open-telemetry/opentelemetry-specification/pull/4318",
        _UNTIL_MEASUREMENTS,
        required=True,
    ),
    *(
        Patch(
            f"exporter.{signal}",
            target,
            "opentelemetry-sdk",
            "Checks whatever reaches an exporter and isn't the object that a guard created.",
            "an order of processors and exporters in which a guard is always the last",
            f"{_PYTHON}/4424",
            _UNTIL_PROVIDERS,
            required=True,
            subclasses=True,
        )
        for signal, target in (
            ("span", "opentelemetry.sdk.trace.export:SpanExporter.export"),
            ("log", "opentelemetry.sdk._logs.export:LogRecordExporter.export"),
            ("metric", "opentelemetry.sdk.metrics.export:MetricExporter.export"),
        )
    ),
    *(
        Patch(
            f"propagator.{method}",
            f"opentelemetry.propagators.textmap:TextMapPropagator.{method}",
            "opentelemetry-api",
            why,
            "a filter of baggage by destination, and a global propagator that code imported earlier can't replace",
            f"{_SPEC}/context/api-propagators/",
            "propagators take a filter for baggage and trace state",
            required=True,
            subclasses=True,
        )
        for method, why in (
            ("inject", "Sends no trace state, and only the baggage that the policy allows for the request's host."),
            ("extract", "Discards the caller's trace state."),
        )
    ),
    *(
        Patch(
            f"span.{method}",
            f"opentelemetry.sdk.trace:Span.{method}",
            "opentelemetry-sdk",
            why,
            _NO_WRITER_HOOK,
            f"{_PYTHON}/4424",
            _UNTIL_WRITERS,
        )
        for method, why in (
            ("update_name", "Proves a span's new name where it is given."),
            ("add_event", "Proves an event's name where it is given."),
            ("set_status", "Proves a status description where it is given."),
            ("set_attribute", "Explains why an attribute will be dropped, if the setting is on."),
            ("set_attributes", "Explains why attributes will be dropped, if the setting is on."),
            ("record_exception", "Writes the stack trace without source lines, and keeps what the raise proves."),
        )
    ),
    *(
        Patch(
            f"span.{method}.written",
            f"opentelemetry.sdk.trace:Span.{method}",
            "opentelemetry-sdk",
            "Proves a name, such as a queue's, where it is set.",
            _NO_WRITER_HOOK,
            f"{_PYTHON}/4424",
            _UNTIL_WRITERS,
        )
        for method in ("set_attribute", "set_attributes")
    ),
    Patch(
        "span.record_exception.link",
        "opentelemetry.sdk.trace:Span.record_exception",
        "opentelemetry-sdk",
        "Records on an exception the innermost span that it leaves, so that its Sentry event links to it.",
        _NO_WRITER_HOOK,
        f"{_PYTHON}/4424",
        _UNTIL_WRITERS,
    ),
    Patch(
        "scope.init",
        "opentelemetry.sdk.util.instrumentation:InstrumentationScope.__init__",
        "opentelemetry-sdk",
        "Proves an instrumentation scope's name and version where they are set.",
        "a hook for scopes; processors see a scope only after the statement that named it",
        f"{_SPEC}/common/instrumentation-scope/",
        "providers emit an event for each scope they create",
    ),
    *(
        Patch(
            f"{name}.start_as_current",
            f"{target}.start_as_current_span",
            distribution,
            "Proves a span's name where its context manager is created, which may be before it is entered.",
            _NO_WRITER_HOOK,
            f"{_PYTHON}/4424",
            _UNTIL_WRITERS,
        )
        for name, target, distribution in (
            ("tracer", "opentelemetry.sdk.trace:Tracer", "opentelemetry-sdk"),
            ("tracer.proxy", "opentelemetry.trace:ProxyTracer", "opentelemetry-api"),
        )
    ),
    Patch(
        "otlp.transport",
        "opentelemetry.exporter.otlp.proto.http._common:RequestsHTTPTransport",
        "opentelemetry-exporter-otlp-proto-http",
        "Sends plain HTTP with urllib3 directly: three megabytes of memory less, and half the CPU.",
        "a choice of transport for the exporters that the configurator creates",
        f"{_SPEC}/protocol/exporter/",
        "the SDK's exporters use urllib3 by default",
    ),
    Patch(
        "otlp.client",
        "opentelemetry.exporter.otlp.common.http:_OTLPHTTPClient.export",
        "opentelemetry-exporter-otlp-proto-http",
        "Tries only once, for a few seconds, when the process ends, so that no exit waits for a missing Collector.",
        "a `shutdown` of the providers with one timeout for all steps",
        f"{_PYTHON}/4555",
        "the SDK limits the whole shutdown in time",
    ),
    *(
        Patch(
            f"logging_handler.{whose}.emit",
            f"{module}:LoggingHandler.emit",
            distribution,
            "Keeps invalid arguments from raising into the application, and tells the guard which record is emitted.",
            "handlers that call `Handler.handleError`",
            f"{_PYTHON}/4261",
            "the handlers call `Handler.handleError`, like the standard library's",
        )
        for whose, module, distribution in _LOGGING_HANDLERS
    ),
    *(
        Patch(
            f"otlp.encode_{items}",
            f"opentelemetry.exporter.otlp.proto.http.{module}:encode_{items}",
            "opentelemetry-exporter-otlp-proto-http",
            f"Joins {told} that are already encoded; encodes others as before.",
            f"an exporter of serialised {told}",
            f"{_PYTHON}/3861",
            f"the exporter takes serialised {told}",
        )
        for items, module, told in (
            ("spans", "trace_exporter", "spans"),
            ("logs", "_log_exporter", "log records"),
        )
    ),
    *(
        Patch(
            f"otlp.{name}",
            f"opentelemetry.exporter.otlp.proto.http.metric_exporter:{function}",
            "opentelemetry-exporter-otlp-proto-http",
            why,
            "an exporter of serialised metrics",
            f"{_PYTHON}/3861",
            "the exporter takes serialised metrics",
        )
        for name, function, why in (
            ("encode_metrics", "encode_metrics", "Encodes metrics without the classes of protocol buffers."),
            ("count_points", "_count_data_points", "Counts the points of metrics that are already encoded."),
        )
    ),
    Patch(
        "meter.register_instrument",
        "opentelemetry.sdk.metrics:Meter._register_instrument",
        "opentelemetry-sdk",
        "Proves the name of an undeclared instrument where it is created.",
        "a hook for the creation of instruments",
        "https://opentelemetry.io/docs/specs/otel/metrics/sdk/#meter",
        "views may be functions of the instrument, called when it is created",
        inherited=True,
    ),
)
