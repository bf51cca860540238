"""The table of environment variables that this package reads, or for which it changes the default.

`settings` reads them; `.env.example` and the reference in `docs/` are generated from this table.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

WEB_FRAMEWORKS: Final = {
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "flask": "Flask",
    "django": "Django",
    "aiohttp_server": "aiohttp's server",
    "falcon": "Falcon",
    "pyramid": "Pyramid",
    "litestar": "Litestar",
    "quart": "Quart",
}
"""The frameworks whose instrumentation leaves out URLs, by its name in settings."""


class Parameter(NamedTuple):
    """An environment variable: its name, its default as text, what it does, and who defines it."""

    name: str
    default: str
    description: str
    origin: Literal["pazpaz-opentelemetry", "guide", "OpenTelemetry", "Sentry"] = "pazpaz-opentelemetry"


PRODUCTION: Final = frozenset({"production", "prod"})
"""The environments in which nothing is explained, in lower case."""

PARAMETERS: Final = (
    Parameter("PAZPAZ_OTEL_POLICY", "", "The policy file, or `pazpaz` for the package's. Unset: the default policy."),
    Parameter("PAZPAZ_OTEL_STRICT", "false", "Refuse to start if the policy or a setting can't be used."),
    Parameter(
        "PAZPAZ_OTEL_EXPLAIN",
        "false",
        "`true`: in a local environment, print to the terminal what was dropped and why. A path: write it to that file,"
        " anywhere but in production, for `pazpaz-otel policy learn`.",
    ),
    Parameter("PAZPAZ_OTEL_LEAN", "true", "`false`: use the unmodified contrib instrumentations instead of ours."),
    Parameter("PAZPAZ_OTEL_GUARD_OUTPUT", "false", "Guard the output of every log handler, including the server's."),
    Parameter("PAZPAZ_OTEL_LEDGER", "auto", "How workers share their counts: `auto`, `on`, `off`, or a directory."),
    Parameter("PAZPAZ_OTEL_SCRAPE_INTERVAL", "15", "Seconds; the ledger's new series are zero for two. `0`: never."),
    Parameter("ENVIRONMENT", "", "The deployment's environment, if no other variable sets it.", "guide"),
    Parameter("ENABLE_METRICS", "true", "`false` turns metrics off.", "guide"),
    Parameter("SENTRY_DSN", "", "Where errors go. Unset: Sentry isn't started.", "Sentry"),
    Parameter("SENTRY_ENVIRONMENT", "", "Unset: `deployment.environment.name`.", "Sentry"),
    Parameter("SENTRY_RELEASE", "", "Unset: `service.version`.", "Sentry"),
    Parameter("SENTRY_URL", "https://sentry.io", "For `pazpaz-otel sentry apply`: the Sentry to set up.", "Sentry"),
    Parameter("SENTRY_ORG", "", "For `pazpaz-otel sentry`: the organisation's slug.", "Sentry"),
    Parameter("SENTRY_PROJECT", "", "For `pazpaz-otel sentry`: the project's slug.", "Sentry"),
    Parameter("SENTRY_AUTH_TOKEN", "", "For `pazpaz-otel sentry`: the token, unless it is in a file.", "Sentry"),
    Parameter("OTEL_SERVICE_NAME", "unknown_service", "The service's name.", "OpenTelemetry"),
    Parameter("OTEL_RESOURCE_ATTRIBUTES", "", "Resource attributes: `key=value,key=value`.", "OpenTelemetry"),
    Parameter("OTEL_SDK_DISABLED", "false", "`true` turns every signal off.", "OpenTelemetry"),
    Parameter("OTEL_CONFIG_FILE", "", "A declarative configuration; it is guarded, too.", "OpenTelemetry"),
    Parameter("OTEL_TRACES_EXPORTER", "otlp", "Exporters of traces, separated by commas, or `none`.", "OpenTelemetry"),
    Parameter("OTEL_METRICS_EXPORTER", "otlp", "Exporters of metrics; `prometheus` to be scraped.", "OpenTelemetry"),
    Parameter("OTEL_LOGS_EXPORTER", "otlp", "Exporters of logs, separated by commas, or `none`.", "OpenTelemetry"),
    Parameter("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "The OTLP endpoint.", "OpenTelemetry"),
    Parameter("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "`http/protobuf` or `grpc`.", "OpenTelemetry"),
    Parameter("OTEL_METRIC_EXPORT_INTERVAL", "60000", "Milliseconds; 5000 with the ledger.", "OpenTelemetry"),
    Parameter("OTEL_EXPORTER_OTLP_HEADERS", "", "Such as `authorization=Bearer ...`.", "OpenTelemetry"),
    Parameter("OTEL_EXPORTER_PROMETHEUS_HOST", "localhost", "Where the embedded endpoint listens.", "OpenTelemetry"),
    Parameter("OTEL_EXPORTER_PROMETHEUS_PORT", "9464", "Its port.", "OpenTelemetry"),
    Parameter(
        "OTEL_TRACES_SAMPLER", "", "Unset: every trace, even if a remote parent wasn't sampled.", "OpenTelemetry"
    ),
    Parameter("OTEL_TRACES_SAMPLER_ARG", "", "The sampler's argument, such as `0.1`.", "OpenTelemetry"),
    Parameter("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database", "Which conventions are emitted.", "OpenTelemetry"),
    Parameter("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "", "Instrumentations to skip, by comma.", "OpenTelemetry"),
    Parameter("OTEL_PYTHON_EXCLUDED_URLS", "", "Patterns of URLs not traced or counted.", "OpenTelemetry"),
    *(
        Parameter(f"OTEL_PYTHON_{name.upper()}_EXCLUDED_URLS", "", f"The same, for {framework} alone.", "OpenTelemetry")
        for name, framework in WEB_FRAMEWORKS.items()
    ),
    Parameter("OTEL_PROPAGATORS", "tracecontext,baggage", "Propagators; they are guarded.", "OpenTelemetry"),
)
"""Every variable that this package reads, or for which it changes the default."""
