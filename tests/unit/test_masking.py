"""Whatever form a secret has in a setting, no line that quotes the setting, or a part of it, shows it."""

from __future__ import annotations

from base64 import b64encode

import pytest

from pazpaz_otel.masking import mask

SECRET = "hunter2-longer"
ENCODED = b64encode(SECRET.encode()).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://me:{SECRET}@collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{SECRET}@collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"me:{SECRET}@collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://me:{SECRET}@{SECRET}@collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://me:ab/{SECRET}@collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://me:ab#{SECRET}?@collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://me:{SECRET} @collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://collector:4318/?tenant=a&api_key={SECRET}"),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{SECRET}"),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"authorization: Bearer {SECRET}"),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Basic%20{ENCODED}, x-tenant=clinic"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", f"x-tenant=clinic,{SECRET}"),
        ("CELERY_BROKER_URL", f"redis://:{SECRET}@one/0,redis://:other{SECRET}@two/0"),
        ("SENTRY_AUTH_TOKEN", f" {SECRET}\n"),
    ],
)
def test_no_quoted_part_shows_a_secret(name: str, value: str) -> None:
    """The whole setting, each part of it at any sign, and what is decoded: nothing that holds the secret remains."""
    env = {name: value, "OTEL_SERVICE_NAME": "clinic"}
    secret = SECRET if SECRET in value else ENCODED
    for part in (value, value.partition("://")[2], *value.split(","), value.rpartition(" ")[2], secret):
        assert secret not in mask(f"'{part}' can't be used", env)


def test_ordinary_words_stay() -> None:
    """Without a secret in it a line stays as it is, and so do a host and short words of a setting."""
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_HEADERS": "x-env=prod"}
    line = "http://collector:4318 refuses the connection of prod"
    assert mask(line, env) == line
