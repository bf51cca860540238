"""A plain installation does what README's first page shows; a missing extra is named where it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pazpaz_otel.audit.sinks import HttpSink
from tests.programs.envelopes import envelope_items

ROOT = Path(__file__).parents[2]
GRPC = ("grpc", "opentelemetry.exporter.otlp.proto.grpc")
PROMETHEUS = ("prometheus_client", "opentelemetry.exporter.prometheus")

BLOCK = """
import importlib.abc, json, sys

class Missing(importlib.abc.MetaPathFinder):
    names = {names!r}

    def find_spec(self, name, path=None, target=None):
        if any(name == one or name.startswith(one + ".") for one in self.names):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""
PROGRAM = """
import logging, pazpaz_otel
logging.getLogger().addHandler(logging.NullHandler())  # its own warning isn't a complaint
pazpaz_otel.configure()
from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider
counter = pazpaz_otel.counter("session_notes.saved")
with trace.get_tracer(__name__).start_as_current_span("book"):
    counter.add(1)
    logging.getLogger("clinic").warning("note saved for %s", "Dvora")
    try:
        raise ValueError("Clinic is closed")
    except ValueError as error:
        if SENTRY:
            import sentry_sdk
            sentry_sdk.capture_exception(error)
            sentry_sdk.flush(10)
for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider()):
    getattr(provider, "force_flush", bool)()  # nothing is made where nothing may leave
"""


def run(names: tuple[str, ...], program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process that lacks some modules."""
    return subprocess.run(
        [sys.executable, "-c", BLOCK.format(names=names) + program],
        env={"PATH": os.environ["PATH"], "OTEL_SERVICE_NAME": "practice-api", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def command(*arguments: str) -> str:
    return f"\nfrom pazpaz_otel.cli import main\nsys.exit(main({list(arguments)!r}))\n"


def test_the_extras_are_those_that_are_promised():
    """Each extra is there, `all` has all of them, and a plain installation has what README's first page needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"sentry", "grpc", "prometheus", "tools", "all"}
    assert extras["all"] == ["pazpaz-opentelemetry[sentry,grpc,prometheus,tools]"]
    assert {*extras["sentry"], *extras["prometheus"]} <= set(project["dependencies"])


def test_a_plain_installation_sends_everything():
    """Without gRPC and Prometheus, spans, metrics, logs and Sentry errors arrive, and nothing is complained of."""
    with HttpSink() as sink:
        done = run(
            (*GRPC, *PROMETHEUS, "rich"),
            PROGRAM.replace("SENTRY", "True"),
            OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint,
            SENTRY_DSN=sink.dsn,
        )
        paths = {received.path for received in sink.received}
        events = [
            json.loads(body)
            for received in sink.received
            if received.sink == "sentry"
            for header, body in envelope_items(received.body)[1:]
            if header["type"] == "event"
        ]
    assert (done.returncode, done.stderr) == (0, "")
    assert {"/v1/traces", "/v1/metrics", "/v1/logs"} <= paths
    assert [event["exception"]["values"][0]["type"] for event in events] == ["ValueError"]


@pytest.mark.parametrize(
    ("names", "variable", "value", "extra"),
    [
        (GRPC, "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "grpc"),
        (GRPC, "OTEL_LOGS_EXPORTER", "otlp_proto_grpc", "grpc"),
        (PROMETHEUS, "OTEL_METRICS_EXPORTER", "prometheus", "prometheus"),
        (("sentry_sdk",), "SENTRY_DSN", "https://0123456789abcdef0123456789abcdef@127.0.0.1:9/2", "sentry"),
    ],
    ids=["protocol", "exporter", "prometheus", "sentry"],
)
def test_a_missing_extra_is_named_and_breaks_nothing(names: tuple[str, ...], variable: str, value: str, extra: str):
    """The start says which variable asks for it and how to install it; the application runs to its end."""
    with HttpSink() as sink:
        done = run(
            names,
            PROGRAM.replace("SENTRY", "False"),
            OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint,
            **{variable: value},
        )
        arrived = {received.path for received in sink.received}
    assert done.returncode == 0
    assert f"pip install 'pazpaz-opentelemetry[{extra}]'" in done.stderr
    assert f"{variable}: " in done.stderr
    assert "Traceback" not in done.stderr
    # Errors are beside the telemetry; an exporter that can't be made is a fault of all of it.
    assert ("/v1/traces" in arrived) == (extra == "sentry")


def test_without_sentry_and_its_setting_nothing_is_missed():
    """Telemetry arrives where sentry-sdk isn't installed and no DSN is set."""
    with HttpSink() as sink:
        done = run(("sentry_sdk",), PROGRAM.replace("SENTRY", "False"), OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint)
        arrived = {received.path for received in sink.received}
    assert (done.returncode, done.stderr) == (0, "")
    assert {"/v1/traces", "/v1/metrics", "/v1/logs"} <= arrived


def test_the_doctor_names_a_missing_extra():
    """It finds the fault, with its hint, instead of a traceback."""
    done = run(GRPC, command("doctor"), OTEL_EXPORTER_OTLP_PROTOCOL="grpc", OTEL_EXPORTER_OTLP_ENDPOINT="http://x:4317")
    assert done.returncode == 1, done.stderr
    assert "pip install 'pazpaz-opentelemetry[grpc]'" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_audit_names_a_missing_extra():
    """`audit --protocol grpc` names the extra, not the index's package that happens to have the module's name."""
    done = run(GRPC, command("audit", "--protocol", "grpc"))
    assert done.returncode == 2
    assert done.stderr.endswith("pip install 'pazpaz-opentelemetry[grpc]'\n")
