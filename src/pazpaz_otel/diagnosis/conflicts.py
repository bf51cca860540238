"""Variables that contradict each other, or that nothing here follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel import parsing
from pazpaz_otel.diagnosis import Finding, did_you_mean, otlp_variables
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CONVENTIONS: Final = (
    "http",
    "http/dup",
    "database",
    "database/dup",
    "messaging",
    "messaging/dup",
    "rpc",
    "rpc/dup",
    "gen_ai_latest_experimental",
)
_ENVIRONMENT: Final = ("SENTRY_ENVIRONMENT", "deployment.environment.name", "deployment.environment", "ENVIRONMENT")
_ALIKE: Final = (("OTEL_SERVICE_NAME", "service.name"), ("SENTRY_RELEASE", "service.version"), _ENVIRONMENT)
"""Variables and resource attributes that say the same."""


def contradicting(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note for each setting that another one contradicts, or that has no effect."""
    given = {**dict(parsing.pairs(env.get("OTEL_RESOURCE_ATTRIBUTES", ""))), **env}
    for alike in _ALIKE:
        first, *others = [(name, given[name]) for name in alike if given.get(name)] or [("", "")]
        for name, value in others:
            if value != first[1]:
                text = f"is {mask(value, env)}, but {first[0]} is {mask(first[1], env)}"
                yield Finding("note", name, text, "set both to the same, or leave one out")
    for name in ("SENTRY_TRACES_SAMPLE_RATE", "SENTRY_PROFILES_SAMPLE_RATE"):
        if env.get(name, "").strip():
            text = "has no effect: traces leave by OpenTelemetry, and Sentry receives errors only"
            yield Finding("note", name, text, "unset it; OTEL_TRACES_SAMPLER samples traces")
    for chosen in parsing.names(env.get("OTEL_SEMCONV_STABILITY_OPT_IN", "")):
        if chosen not in _CONVENTIONS:
            text = f"nothing follows {mask(chosen, env)}{did_you_mean(chosen, _CONVENTIONS, 0.5)}"
            yield Finding("note", "OTEL_SEMCONV_STABILITY_OPT_IN", text, "unset it to have http,database")
    for name, headers in zip(otlp_variables("ENDPOINT"), otlp_variables("HEADERS"), strict=True):
        if "@" in env.get(name, "").partition("://")[2].partition("/")[0]:
            text = f"{mask(env[name], env)} holds a password, which whatever shows the endpoint shows as well"
            yield Finding("note", name, text, f"set {headers}=authorization=Basic%20… instead")
