"""Zero leaks: the corpus on every surface, through the real SDK over HTTP and gRPC, and the reference backend."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from examples.traffic.driver import Plan, drive
from pazpaz_otel.audit.canaries import tokens_of
from pazpaz_otel.audit.run import examine, run_audit
from pazpaz_otel.audit.scan import Scanner
from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.settings import inherited
from tests.integration.backend import Backend
from tests.programs import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from pazpaz_otel.audit.report import Report

pytestmark = [pytest.mark.slow, pytest.mark.long]

STOCK = [sys.executable, "-m", "pazpaz_otel.audit.unguarded"]
# The stock instrumentations have no way out for these: a response's or request's other headers, a call they swallow.
# Keys of the policy get values of a wrong type, too; the other two have counter-proofs of their own.
UNCHECKED = ("policy.", "sentry.", "prometheus_client.")
SHUT_IN_STOCK = {"log.args.wrong", "httpx.headers", "http.header.name", "http.header.request_id", "http.method"}


def _leaks(report: Report) -> list[str]:
    return sorted({f"{leak.planted} ({leak.category}, {leak.variant}) in {leak.found}" for leak in report.leaks})


@pytest.mark.parametrize(
    ("protocol", "settings"),
    [
        ("http/protobuf", {}),
        ("grpc", {}),
        # Contrib's instrumentations, which so tell the most: headers, and each fact under its old name, too.
        (
            "http/protobuf",
            {
                "PAZPAZ_OTEL_LEAN": "false",
                "OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup,database/dup",
                "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*",
            },
        ),
    ],
    ids=["http", "grpc", "contrib-instrumentations-both-conventions-captured-headers"],
)
def test_nothing_planted_leaves(protocol: str, settings: dict[str, str]) -> None:
    """No planted string, on any surface or in any form, is in a byte that left; what a developer needs is."""
    report = run_audit(inherited(settings), seed=20, protocol=protocol)
    assert _leaks(report) == []
    assert report.proves_something
    assert report.missing == ()
    assert report.failures == ()
    assert report.planted > 3000


def test_the_audit_finds_leaks_where_nothing_guards() -> None:
    """The same audit finds leaks on every surface of the stock SDK, so its silence about ours means something."""
    report = run_audit(inherited(), seed=21, command=STOCK, raw_output=True)
    leaking = {leak.planted for leak in report.leaks}
    silent = {surface for surface in report.surfaces if surface not in leaking}
    silent -= {surface for surface in silent if surface.startswith(UNCHECKED)}
    assert silent <= SHUT_IN_STOCK
    assert report.exit_code == 1


def test_the_stock_prometheus_endpoint_shows_what_is_planted() -> None:
    """The process-wide registry, planted as the audit plants it, is there to find on the stock SDK's endpoint."""
    code = (
        "import sys\n"
        "from opentelemetry.sdk._configuration import _OTelSDKConfigurator\n"
        "_OTelSDKConfigurator()._configure()\n"
        "from pazpaz_otel.audit.plant.http_client import read\n"
        "from pazpaz_otel.audit.plant.metrics import REGISTRY\n"
        "REGISTRY.all[0].plant('dana levinson')\n"
        "sys.stdout.write(read(sys.argv[1]))\n"
    )
    port = free_port()
    exporters = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "LOGS")}
    settings = {**exporters, "OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT": str(port)}
    command = [sys.executable, "-c", code, f"http://localhost:{port}/metrics"]
    done = subprocess.run(command, env=inherited(settings), capture_output=True, timeout=60, check=True)
    found = {find.token for find in Scanner({"p": ["levinson"]}).data(done.stdout, "metrics endpoint")}
    assert found == {"levinson"}


def test_an_audit_that_receives_nothing_proves_nothing(tmp_path: Path) -> None:
    """A process that exports nothing isn't reported as clean."""
    broken = tmp_path / "policy.yaml"
    broken.write_text("version: 1\nattributes: 3\n")
    report = run_audit(inherited({"PAZPAZ_OTEL_POLICY": str(broken)}), seed=22, brief=True)
    assert report.exit_code == 2
    assert _leaks(report) == []


def test_the_reference_backend_lets_nothing_out(tmp_path: Path) -> None:
    """Realistic traffic with every fault: no patient in OTLP, in Sentry's envelopes or on standard output."""
    with HttpSink() as sink:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "SENTRY_DSN": sink.dsn}
        with Backend(tmp_path, settings, instrumented=True) as backend:
            account = asyncio.run(drive(backend.url, Plan(seed=23, faults=True)))
        planted: dict[str, Any] = {
            "plants": [
                {"id": str(i), "surface": "traffic", "category": c.category, "variant": "plain", "tokens": tokens_of(c)}
                for i, c in enumerate(account.planted)
            ],
            "failures": [],
            "useful": [("span.name", "", f"{method} {route}") for method, route, _ in account.requests if route],
        }
        report = examine(planted, list(sink.received), {"stdout": backend.log.encode()}, 23)
    assert _leaks(report) == []
    assert {"otlp/http", "sentry", "stdout"} <= set(report.received)
    assert report.missing == ()
    assert report.planted > 400
