"""Settings: a value made from any mapping."""

from __future__ import annotations

import pytest

from pazpaz_otel.errors import SettingsError
from pazpaz_otel.parameters import PARAMETERS, WEB_FRAMEWORKS
from pazpaz_otel.settings import Settings, apply_defaults


def test_an_empty_environment_gives_the_defaults():
    """Nothing has to be set; metrics are on."""
    assert Settings.from_env({}) == Settings()
    assert Settings.from_env({}).enable_metrics


def test_resource_attributes_are_decoded():
    """`OTEL_SERVICE_NAME` wins over `OTEL_RESOURCE_ATTRIBUTES`, whose values are percent-decoded."""
    env = {
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=a, service.version=1.2%2B3,deployment.environment.name=staging,x",
        "OTEL_SERVICE_NAME": "clinic",
    }
    settings = Settings.from_env(env)
    assert settings.resource_attribute("service.name") == "clinic"
    assert settings.release == "1.2+3"
    assert settings.environment == "staging"
    assert not settings.is_local


def test_sentrys_own_variables_win():
    """`SENTRY_ENVIRONMENT` and `SENTRY_RELEASE` win over the resource's."""
    env = {
        "OTEL_RESOURCE_ATTRIBUTES": "service.version=1,deployment.environment.name=staging",
        "SENTRY_ENVIRONMENT": "production",
        "SENTRY_RELEASE": "2",
    }
    assert (Settings.from_env(env).environment, Settings.from_env(env).release) == ("production", "2")


@pytest.mark.parametrize(
    "env",
    [
        {"PAZPAZ_OTEL_STRICT": "dvora"},
        {"ENABLE_METRICS": "dvora"},
        {"PAZPAZ_OTEL_LEAN": "dvora"},
        {"OTEL_EXPORTER_PROMETHEUS_PORT": "dvora"},
        {"OTEL_EXPORTER_PROMETHEUS_PORT": "65536"},
    ],
)
def test_what_cannot_be_used_is_named_without_its_value(env: dict[str, str]):
    """An error names the variable and what it takes, never the value."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env)
    assert next(iter(env)) in str(caught.value)
    assert "dvora" not in str(caught.value)


def test_the_defaults_leave_what_is_set():
    """A standard variable that is set keeps its meaning."""
    env = {"OTEL_TRACES_EXPORTER": "console", "OTEL_SEMCONV_STABILITY_OPT_IN": ""}
    apply_defaults(env)
    assert env["OTEL_TRACES_EXPORTER"] == "console"
    assert env["OTEL_SEMCONV_STABILITY_OPT_IN"] == ""
    assert env["OTEL_LOGS_EXPORTER"] == "otlp"


def test_turning_metrics_off_wins():
    """`ENABLE_METRICS=false` wins over a chosen exporter; unset means on."""
    env = {"ENABLE_METRICS": "false", "OTEL_METRICS_EXPORTER": "otlp"}
    apply_defaults(env, metrics=Settings.from_env(env).enable_metrics)
    assert env["OTEL_METRICS_EXPORTER"] == "none"


def test_every_parameter_is_described_once():
    """The table has each variable once, with what it does."""
    names = [parameter.name for parameter in PARAMETERS]
    assert len(names) == len(set(names))
    assert all(parameter.description.endswith((".", "`")) for parameter in PARAMETERS)


def test_excluded_urls_are_each_frameworks_own():
    """A framework's own variable is stronger than the one for all of them."""
    env = {"OTEL_PYTHON_EXCLUDED_URLS": "/a", "OTEL_PYTHON_DJANGO_EXCLUDED_URLS": "/b"}
    expected = {**dict.fromkeys(WEB_FRAMEWORKS, "/a"), "django": "/b"}
    assert expected == dict(Settings.from_env(env).excluded_urls)
