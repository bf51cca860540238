"""The table: every attribute of other people's modules that is replaced, and why no public seam will do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_SPEC: Final = "https://opentelemetry.io/docs/specs/otel"
_PYTHON: Final = "https://github.com/open-telemetry/opentelemetry-python/issues"
_CONTRIB: Final = "https://github.com/open-telemetry/opentelemetry-python-contrib/issues"
_SENTRY: Final = "https://github.com/getsentry/sentry-python"


@dataclass(frozen=True, slots=True)
class Patch:
    """One replaced attribute.

    Attributes:
        name: what rooms call it.
        target: `module:Class.attribute` or `module:attribute`.
        distribution: whose release may move it; `CPython` for the standard library.
        why: what the replacement does.
        missing: the public seam that would do the same, and isn't there.
        link: the request upstream, or the specification that leaves it open.
        until: when the row can go.
        required: whether nothing may leave where the target has moved.
        optional_library: whether the library may be imported later, or never.
        inherited: whether an inherited attribute is replaced, too, on the target's own class.
        subclasses: whether the attribute is replaced in every subclass that has its own.
    """

    name: str
    target: str
    distribution: str
    why: str
    missing: str
    link: str
    until: str
    required: bool = False
    optional_library: bool = False
    inherited: bool = False
    subclasses: bool = False

    @property
    def module(self) -> str:
        """The module that has the target."""
        return self.target.partition(":")[0]

    @property
    def path(self) -> list[str]:
        """The names that lead from the module to the attribute."""
        return self.target.partition(":")[2].split(".")


_NO_PROVIDER_HOOK: Final = "a hook for every provider that is made, whoever makes it"
_UNTIL_PROVIDERS: Final = "the SDK offers a hook for providers, or a processor that may replace what it is given"
_NO_WRITER_HOOK: Final = "a processor callback for what is written on a running span"
_UNTIL_WRITERS: Final = "span processors are told of writes while the statement that writes is running"
_NO_MEASUREMENT_HOOK: Final = "a processor of measurements"
_UNTIL_MEASUREMENTS: Final = "the SDK has measurement processors"
_NO_SENTRY_HOOK: Final = "a hook that sees every item of every client and fails closed"

PATCHES: Final = (
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
        "metric_reader.set_collect_callback",
        "opentelemetry.sdk.metrics.export:MetricReader._set_collect_callback",
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
    Patch(
        "span.record_exception.link",
        "opentelemetry.sdk.trace:Span.record_exception",
        "opentelemetry-sdk",
        "Notes on an exception the innermost span that it leaves, so that its Sentry event is linked to that one.",
        _NO_WRITER_HOOK,
        f"{_PYTHON}/4424",
        _UNTIL_WRITERS,
    ),
    *(
        Patch(
            f"scope.{method}",
            f"{target}.{method}",
            "opentelemetry-sdk",
            "Proves an instrumentation scope's name and version where they are given.",
            "a hook for scopes; a processor sees the scope when the statement that named it has returned",
            f"{_SPEC}/common/instrumentation-scope/",
            "providers tell of the scopes that they make",
        )
        for method, target in (
            ("get_tracer", "opentelemetry.sdk.trace:TracerProvider"),
            ("get_meter", "opentelemetry.sdk.metrics:MeterProvider"),
            ("get_logger", "opentelemetry.sdk._logs:LoggerProvider"),
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
    *(
        Patch(
            f"logging_handler.{whose}.emit",
            f"{module}:LoggingHandler.emit",
            distribution,
            "Keeps a log call with wrong arguments from raising into the application.",
            "a handler that calls `Handler.handleError`",
            f"{_PYTHON}/4261",
            "the handlers call `Handler.handleError` as the standard library's do",
        )
        for whose, module, distribution in (
            ("contrib", "opentelemetry.instrumentation.logging.handler", "opentelemetry-instrumentation-logging"),
            ("sdk", "opentelemetry.sdk._logs", "opentelemetry-sdk"),
        )
    ),
    *(
        Patch(
            f"logging_handler.{whose}.attributes",
            f"{module}:LoggingHandler._get_attributes",
            distribution,
            "Leaves objects out of a record's fields; the SDK would warn of each in the midst of logging.",
            "choosing the fields that are exported",
            f"{_CONTRIB}/2768",
            "the handlers leave out what isn't an attribute",
        )
        for whose, module, distribution in (
            ("contrib", "opentelemetry.instrumentation.logging.handler", "opentelemetry-instrumentation-logging"),
            ("sdk", "opentelemetry.sdk._logs", "opentelemetry-sdk"),
        )
    ),
    *(
        Patch(
            f"{library}.{name}",
            f"{library}.applications:{cls}.{attribute}",
            library,
            why,
            "an event when an application is complete, and a middleware inside those that instrumentations add later",
            f"{_CONTRIB}/169",
            "Starlette tells when an application is complete, and instrumentations find applications that exist",
            optional_library=True,
        )
        for library, cls in (("starlette", "Starlette"), ("fastapi", "FastAPI"))
        for name, attribute, why in (
            (
                "stack",
                "build_middleware_stack",
                "Finds every application: its routes are evidence, its errors are captured inside the server span.",
            ),
            ("call", "__call__", "Finds applications that were built before the telemetry was there."),
        )
    ),
    Patch(
        "asgi.middleware",
        "opentelemetry.instrumentation.asgi:OpenTelemetryMiddleware.__call__",
        "opentelemetry-instrumentation-asgi",
        "Measures a request once where applications are mounted into each other.",
        "a middleware that knows whether the request is measured already",
        f"{_CONTRIB}/169",
        "the instrumentation measures a request in the outermost application only, or our own replaces it",
        optional_library=True,
    ),
    Patch(
        "starlette.route.new",
        "starlette.routing:BaseRoute.__new__",
        "starlette",
        "Marks routes that are made while a request is handled: their paths may hold what came with it.",
        "an event when a route is added",
        f"{_CONTRIB}/169",
        "Starlette tells when routes are added",
        optional_library=True,
        inherited=True,
    ),
    Patch(
        "fastapi.route.handle",
        "fastapi.routing:APIRoute.handle",
        "fastapi",
        "Counts the requests in progress by route.",
        "the matched route's template in `http.server.active_requests`",
        f"{_CONTRIB}/1316",
        "the active requests of the instrumentation have `http.route`",
        optional_library=True,
    ),
    Patch(
        "asgi.headers",
        "opentelemetry.instrumentation.asgi:ASGIGetter.get",
        "opentelemetry-instrumentation-asgi",
        "Finds a header without decoding all others, nine times a request.",
        "giving the instrumentation another getter",
        "https://github.com/open-telemetry/opentelemetry-python-contrib/pull/1435",
        "the instrumentation's getter decodes only what is asked for, or our own replaces the instrumentation",
        optional_library=True,
    ),
    Patch(
        "fastapi.route.lookup",
        "opentelemetry.instrumentation.fastapi:_get_route_details",
        "opentelemetry-instrumentation-fastapi",
        "Matches a path against only those routes that begin like it.",
        "the matched route in the scope when the span is named",
        f"{_CONTRIB}/169",
        "the instrumentation reads the route that the framework matched, or our own replaces it",
        optional_library=True,
    ),
    *(
        Patch(
            f"sentry.{name}",
            target,
            "sentry-sdk",
            why,
            _NO_SENTRY_HOOK,
            "https://develop.sentry.dev/sdk/overview/",
            "sentry-sdk offers one hook for every envelope item that may replace it and drops it where it raises",
            required=True,
            optional_library=True,
        )
        for name, target, why in (
            (
                "make_transport",
                "sentry_sdk.client:make_transport",
                "Guards the transport of every client, and closes the options that send past it.",
            ),
            (
                "capture_event",
                "sentry_sdk.client:_Client.capture_event",
                "Keeps the live exception, span and request for the guard; guards a transport that was put in later.",
            ),
        )
    ),
    *(
        Patch(
            f"sentry.scope.{name}",
            f"sentry_sdk.scope:Scope.{name}",
            "sentry-sdk",
            "Gives each request an isolation scope only when it uses one.",
            "an isolation scope that is made when it is first written to",
            "https://develop.sentry.dev/sdk/miscellaneous/hub_and_scope_refactoring/",
            "forking an isolation scope costs nothing before it is written to",
            optional_library=True,
        )
        for name in ("get_isolation_scope", "capture_event")
    ),
    Patch(
        "logging.call_handlers",
        "logging:Logger.callHandlers",
        "CPython",
        "Makes breadcrumbs and Sentry events of log records, also of loggers that don't propagate.",
        "a handler that sees every logger's records",
        "https://docs.python.org/3/library/logging.html#logging.Logger.propagate",
        "never, as long as loggers may stop propagating",
    ),
    Patch(
        "os.exit",
        "os:_exit",
        "CPython",
        "Merges what the process counted into the ledger: children of multiprocessing, Celery and RQ end by it.",
        "an exit handler that runs in a forked child",
        "https://docs.python.org/3/library/os.html#os._exit",
        "never",
    ),
    *(
        Patch(
            f"{module}.signals",
            f"{module}:UvicornWorker.init_signals",
            distribution,
            "Handles SIGTERM in gunicorn's workers, which set it back to its default and end by it.",
            "a worker that ends by exiting",
            "https://github.com/Kludex/uvicorn-worker/issues",
            "the worker ends by exiting, so that exit handlers run",
            optional_library=True,
        )
        for module, distribution in (("uvicorn.workers", "uvicorn"), ("uvicorn_worker", "uvicorn-worker"))
    ),
    Patch(
        "threading.run",
        "threading:Thread.start",
        "CPython",
        "Reports what nobody catches in a thread in the context that started it.",
        "an exception hook that runs in the context of the thread's start",
        f"{_SENTRY}/issues/2076",
        "`threading.excepthook` is given the context, which an application's own hook would still hide",
    ),
    *(
        Patch(
            f"sys.{hook}",
            f"sys:{hook}",
            "CPython",
            "Reports what nobody catches before the hook that is there shows it.",
            "none is missing: replacing the hook is the documented way",
            f"https://docs.python.org/3/library/sys.html#sys.{hook}",
            "never",
        )
        for hook in ("excepthook", "unraisablehook")
    ),
)
"""Ordered by room. A target may have several rows; their wrappers stack in the order in which they are installed."""
