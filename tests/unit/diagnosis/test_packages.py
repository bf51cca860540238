"""A setting that asks for an extra that isn't installed says which, and the command that installs it."""

from __future__ import annotations

import sys

import pytest

from pazpaz_otel.diagnosis import packages
from pazpaz_otel.diagnosis.packages import EXTRAS, hint_of, is_found
from pazpaz_otel.diagnosis.variables import judge

ASKED = [(extra, variable, value) for extra in EXTRAS for variable, value in extra.asked]


def told(variables: dict[str, str]) -> list[str]:
    named = {"OTEL_SERVICE_NAME": "practice-api", **variables}
    return [str(finding) for finding in judge(named) if "aren't installed" in finding.text]


@pytest.fixture(autouse=True)
def _with_pip(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packages, "is_found", lambda module: module == "pip" or is_found(module))


def test_an_environment_of_uv_has_no_pip(monkeypatch: pytest.MonkeyPatch):
    """Where pip can't be imported, another environment's would install elsewhere: the command is uv's."""
    monkeypatch.setattr(packages, "is_found", lambda module: module != "pip" and is_found(module))
    assert hint_of("jsonschema") == "uv pip install jsonschema"


@pytest.mark.parametrize(
    ("extra", "variable", "value"), ASKED, ids=[f"{variable}={value}" for _, variable, value in ASKED]
)
def test_what_asks_for_a_missing_extra_is_named(
    extra: object, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
):
    """The variable, what it asks for and the hint, where any module of the extra is missing; nothing where none is."""
    variables = {variable: value or "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.example/2"}
    assert told(variables) == []
    for module in extra.modules:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            [line] = told(variables)
        assert line.startswith(f"{variable}: {value or 'what it names'} needs packages")
        assert line.endswith(f"pip install 'pazpaz-opentelemetry[{extra.name}]'")


def test_what_is_not_asked_for_is_not_missed(monkeypatch: pytest.MonkeyPatch):
    """Without a setting that asks, a missing extra is no fault; a list is read value by value."""
    for extra in EXTRAS:
        for module in extra.modules:
            monkeypatch.setitem(sys.modules, module, None)
    assert told({"OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}) == []
    assert len(told({"OTEL_METRICS_EXPORTER": "otlp, prometheus"})) == 1


def test_the_hint_of_a_missing_module_is_the_extra_that_brings_it():
    """`grpc` on the index is another package than the one that is meant."""
    assert hint_of("grpc") == "pip install 'pazpaz-opentelemetry[grpc]'"
    assert hint_of("opentelemetry.exporter.otlp.proto.grpc") == "pip install 'pazpaz-opentelemetry[grpc]'"
    assert hint_of("prometheus_client.core") == "pip install 'pazpaz-opentelemetry[prometheus]'"
    assert hint_of("jsonschema") == "pip install jsonschema"
