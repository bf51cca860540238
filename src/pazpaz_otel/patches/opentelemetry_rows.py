"""What is replaced in OpenTelemetry's API, SDK, exporters and logging handlers."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

_SPEC: Final = "https://opentelemetry.io/docs/specs/otel"
_PYTHON: Final = "https://github.com/open-telemetry/opentelemetry-python/issues"
_LOGGING_HANDLERS: Final = (
    ("contrib", "opentelemetry.instrumentation.logging.handler", "opentelemetry-instrumentation-logging"),
    ("sdk", "opentelemetry.sdk._logs", "opentelemetry-sdk"),
)
_CONTRIB: Final = "https://github.com/open-telemetry/opentelemetry-python-contrib/issues"
_NO_PROVIDER_HOOK: Final = "a hook for every provider that is made, whoever makes it"
_UNTIL_PROVIDERS: Final = "the SDK offers a hook for providers, or a processor that may replace what it is given"
_NO_WRITER_HOOK: Final = "a processor callback for what is written on a running span"
_UNTIL_WRITERS: Final = "span processors are told of writes while the statement that writes is running"
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
        "Gives every meter provider the policy's views, unless the application has its own.",
        "adding a view to a provider that exists",
        f"{_SPEC}/metrics/sdk/#view",
        "views can be added after a provider is made",
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
        "Judges a measurement before it is aggregated: ranges, keys and the limit of series.",
        _NO_MEASUREMENT_HOOK,
        "https://github.com/open-telemetry/opentelemetry-specification/pull/4318",
        _UNTIL_MEASUREMENTS,
        required=True,
    ),
    Patch(
        "observations.callback",
        "opentelemetry.sdk.metrics._internal.instrument:_Asynchronous.callback",
        "opentelemetry-sdk",
        "Judges what observable instruments observe.",
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
            "Judges again what reaches an exporter and isn't the very item that a guard made.",
            "an order of processors and exporter wrappers in which a guard is the last",
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
            "a filter of baggage by destination; a global propagator that early imports of its setter can't replace",
            f"{_SPEC}/context/api-propagators/",
            "propagators take a filter for baggage and trace state",
            required=True,
            subclasses=True,
        )
        for method, why in (
            ("inject", "Sends only the baggage that the policy allows for the request's host, and no trace state."),
            ("extract", "Leaves out the caller's trace state."),
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
            ("set_attribute", "Explains, where it was asked for, why an attribute will be dropped."),
            ("set_attributes", "Explains, where it was asked for, why attributes will be dropped."),
            ("record_exception", "Writes the stack trace without source lines, and remembers what the raise proves."),
        )
    ),
    *(
        Patch(
            f"span.{method}.written",
            f"opentelemetry.sdk.trace:Span.{method}",
            "opentelemetry-sdk",
            "Proves a name, such as a queue's, where it is set under a key whose values the source proves.",
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
        "Notes on an exception the innermost span that it leaves, so that its Sentry event is linked to that one.",
        _NO_WRITER_HOOK,
        f"{_PYTHON}/4424",
        _UNTIL_WRITERS,
    ),
    Patch(
        "scope.init",
        "opentelemetry.sdk.util.instrumentation:InstrumentationScope.__init__",
        "opentelemetry-sdk",
        "Proves an instrumentation scope's name and version where they are given.",
        "a hook for scopes; a processor sees the scope when the statement that named it has returned",
        f"{_SPEC}/common/instrumentation-scope/",
        "providers tell of the scopes that they make",
    ),
    *(
        Patch(
            f"{name}.start_as_current",
            f"{target}.start_as_current_span",
            distribution,
            "Proves the name of a span where its context manager is made: as a decorator, or before it is entered.",
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
        "Sends plain HTTP by urllib3 itself: three megabytes of memory less, and half the CPU.",
        "choosing the transport of exporters that the configurator makes",
        f"{_SPEC}/protocol/exporter/",
        "the SDK's exporters use urllib3 by default",
        optional_library=True,
    ),
    Patch(
        "otlp.client",
        "opentelemetry.exporter.otlp.common.http:_OTLPHTTPClient.export",
        "opentelemetry-exporter-otlp-proto-http",
        "Tries once, within a few seconds, when the process ends: no wait for a Collector that isn't there.",
        "`shutdown` of the providers with a timeout for everything",
        f"{_PYTHON}/4555",
        "the SDK bounds its shutdown as a whole",
        optional_library=True,
    ),
    *(
        Patch(
            f"logging_handler.{whose}.emit",
            f"{module}:LoggingHandler.emit",
            distribution,
            "Keeps wrong arguments from raising into the application, and tells the guard which record is emitted.",
            "a handler that calls `Handler.handleError`",
            f"{_PYTHON}/4261",
            "the handlers call `Handler.handleError` as the standard library's do",
        )
        for whose, module, distribution in _LOGGING_HANDLERS
    ),
    *(
        Patch(
            f"otlp.encode_{items}",
            f"opentelemetry.exporter.otlp.proto.http.{module}:encode_{items}",
            "opentelemetry-exporter-otlp-proto-http",
            f"Joins {told} that are encoded already; encodes others as before.",
            f"an exporter of serialised {told}",
            f"{_PYTHON}/3861",
            f"the exporter takes serialised {told}",
            optional_library=True,
        )
        for items, module, told in (
            ("spans", "trace_exporter", "spans"),
            ("logs", "_log_exporter", "log records"),
        )
    ),
)
