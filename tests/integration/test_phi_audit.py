"""The fixture `phi_audit`, as the tests of an application use it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

_APPLICATION = """
import logging

import pytest


@pytest.fixture
def client(phi_audit):
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    app = FastAPI()

    @app.post("/clients/{number}")
    def save(number: str, body: dict):
        logging.getLogger("clinic").warning(f"saving {body}")
        raise ValueError(f"no client {number}")

    return TestClient(app, raise_server_exceptions=False)
"""


def _pytest(folder: Path, test: str) -> tuple[int, str]:
    (folder / "test_clinic.py").write_text(_APPLICATION + test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_clinic.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_guarded_application_passes(tmp_path: Path) -> None:
    """An application whose every surface holds patient data passes under the distribution's guards."""
    code, output = _pytest(
        tmp_path,
        """
def test_saves(phi_audit, client):
    client.post("/clients/" + phi_audit.phi("israeli_id"), json={phi_audit.phi("name.hebrew"): phi_audit.phi()})
    phi_audit.assert_no_leaks()
    searched = {received.path for received in phi_audit._sink.received}
    assert searched == {"/v1/traces", "/v1/logs", "/v1/metrics", "/api/1/envelope/"}
""",
    )
    assert code == 0, output


def test_a_run_under_the_instrument_command_has_no_warning_of_ours(tmp_path: Path) -> None:
    """Under `opentelemetry-instrument` pytest warns of nothing of this package, as warnings may be errors."""
    (tmp_path / "test_clinic.py").write_text("def test_opens():\n    pass\n", encoding="utf-8")
    signals = ("TRACES", "METRICS", "LOGS")
    done = subprocess.run(
        [tool("opentelemetry-instrument"), sys.executable, "-m", "pytest", "-q", "test_clinic.py"],
        env={**os.environ, **{f"OTEL_{signal}_EXPORTER": "none" for signal in signals}},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "1 passed" in done.stdout
    assert "pazpaz_otel" not in done.stdout


def test_a_leak_fails_the_test(tmp_path: Path) -> None:
    """A patient's name that left fails the test at its end, naming where it was found."""
    code, output = _pytest(
        tmp_path,
        """
def test_prints(phi_audit, client, capsys):
    print("saved", phi_audit.phi("name.russian", surface="a print"))
    phi_audit.check(capsys.readouterr().out, "stdout")
""",
    )
    assert code == 1, output
    assert "a name.russian, planted in a print, left in stdout" in output


def test_a_leak_in_telemetry_fails_the_test(tmp_path: Path) -> None:
    """What reaches the receiver is searched: what an application sends by itself, past every exporter, is found."""
    code, output = _pytest(
        tmp_path,
        """
def test_sends(phi_audit, client):
    from urllib.request import Request, urlopen
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    sent = ExportTraceServiceRequest()
    span = sent.resource_spans.add().scope_spans.add().spans.add()
    span.name = "note of " + phi_audit.phi("name.latin")
    url = phi_audit.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] + "/v1/traces"
    urlopen(Request(url, sent.SerializeToString(), {"Content-Type": "application/x-protobuf"})).read()
""",
    )
    assert code == 1, output
    assert "left in otlp/http span.name" in output


def test_an_unknown_category_is_an_error(tmp_path: Path) -> None:
    """A category that doesn't exist fails loudly instead of planting something else."""
    code, output = _pytest(tmp_path, "def test_plants(phi_audit):\n    phi_audit.phi('nmae')\n")
    assert code == 1, output
    assert "KeyError: 'nmae'" in output
