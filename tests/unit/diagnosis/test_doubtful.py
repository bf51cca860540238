"""Settings that contradict each other or that nothing follows are named, without secrets."""

from __future__ import annotations

import pytest

from pazpaz_otel.diagnosis.doubtful import contradicting


@pytest.mark.parametrize(
    ("environment", "subject", "part"),
    [
        ({"SENTRY_TRACES_SAMPLE_RATE": "0.1"}, "SENTRY_TRACES_SAMPLE_RATE", "has no effect"),
        ({"OTEL_SEMCONV_STABILITY_OPT_IN": "htp"}, "OTEL_SEMCONV_STABILITY_OPT_IN", "did you mean http?"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://user:s3cr3t@collector:4318"},
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "https://***@collector:4318 holds a password",
        ),
        (
            {"OTEL_SERVICE_NAME": "api", "OTEL_RESOURCE_ATTRIBUTES": "service.name=web"},
            "service.name",
            "is web, but OTEL_SERVICE_NAME is api",
        ),
        (
            {"SENTRY_ENVIRONMENT": "staging", "ENVIRONMENT": "production"},
            "ENVIRONMENT",
            "is production, but SENTRY_ENVIRONMENT is staging",
        ),
        (
            {"SENTRY_RELEASE": "1.2", "OTEL_RESOURCE_ATTRIBUTES": "service.version=1.3"},
            "service.version",
            "is 1.3, but SENTRY_RELEASE is 1.2",
        ),
    ],
)
def test_a_contradiction_is_named(environment: dict[str, str], subject: str, part: str) -> None:
    """One note has the variable or attribute, what it says, and what the other one says."""
    (finding,) = contradicting(environment)
    assert (finding.state, finding.subject) == ("note", subject)
    assert part in finding.text
    assert finding.hint
    assert "s3cr3t" not in str(finding)


def test_what_agrees_is_not_named() -> None:
    """Equal values and known conventions are no contradiction."""
    environment = {
        "OTEL_SERVICE_NAME": "api",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=api,deployment.environment.name=staging",
        "SENTRY_ENVIRONMENT": "staging",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup,database",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
    }
    assert list(contradicting(environment)) == []
