"""`pazpaz-otel doctor` examines the way on which each signal really leaves."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.settings import inherited
from tests.integration import doctor
from tests.programs import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


def _doctor(*arguments: str, **settings: str) -> list[dict[str, str]]:
    return doctor.findings(None, settings, *arguments)


def _found(findings: list[dict[str, str]], subject: str) -> list[tuple[str, str]]:
    return [(one["state"], one["text"]) for one in findings if one["subject"] == subject]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_metrics_for_prometheus_are_not_sent_by_otlp(taken: int) -> None:
    """With the embedded endpoint, its port is examined and nothing but traces and logs is sent."""
    with HttpSink() as sink:
        settings = {"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint}
        free = str(free_port())
        findings = _doctor(OTEL_EXPORTER_PROMETHEUS_PORT=free, **settings)
        assert _found(findings, "export of metrics") == [("ok", f"the process will serve them on localhost:{free}")]
        assert _found(findings, "export of traces") == [("ok", f"delivered to {sink.endpoint}")]
        ours = {"OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT": str(taken)}
        (finding,) = _found(_doctor(**ours, **settings), "export of metrics")
    assert finding == ("fault", f"they can't be served on 127.0.0.1:{taken}: Address already in use")


@pytest.mark.parametrize("exporter", ["otlp", "prometheus"])
def test_metrics_that_are_off_are_not_sent(exporter: str) -> None:
    """With `ENABLE_METRICS=false` no metric is sent to try the way, and none is said to be served."""
    with HttpSink() as sink:
        settings = {"OTEL_METRICS_EXPORTER": exporter, "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint}
        findings = _doctor(ENABLE_METRICS="false", **settings)
        paths = {received.path for received in sink.received}
    assert _found(findings, "export of metrics") == []
    assert _found(findings, "ENABLE_METRICS") == [("note", "is false: there are no metrics")]
    assert paths & {"/v1/traces", "/v1/metrics", "/v1/logs"} == {"/v1/traces", "/v1/logs"}


def test_nothing_is_said_to_be_guarded_where_the_sdk_is_off() -> None:
    """With `OTEL_SDK_DISABLED=true` the verdict is a fault, and no guard stands in front of anything."""
    findings = _doctor("--no-send", OTEL_SDK_DISABLED="true")
    assert _found(findings, "OTEL_SDK_DISABLED")[0][0] == "fault"
    assert _found(findings, "guards") == [("ok", "have nothing to guard: the SDK is off")]


def test_the_start_line_does_not_claim_to_serve_on_a_taken_port(taken: int) -> None:
    """Where another program has the port, the line at start says that metrics go nowhere."""
    ours = {"OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT": str(taken)}
    program = str(Path(sys.executable).with_name("opentelemetry-instrument"))
    none = {"OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "prometheus"}
    done = subprocess.run(
        [program, sys.executable, "-c", ""], env=inherited({**ours, **none}), capture_output=True, text=True, check=True
    )
    assert "metrics go nowhere, as they aren't served;" in done.stderr
    assert f"served on port {taken}" not in done.stderr


def test_each_exporter_of_a_list_is_examined() -> None:
    """A console among others is named, and the OTLP exporter beside it still delivers."""
    with HttpSink() as sink:
        chosen = {"OTEL_TRACES_EXPORTER": "console,otlp", "OTEL_LOGS_EXPORTER": "console"}
        findings = _doctor(OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint, OTEL_METRICS_EXPORTER="none", **chosen)
    assert _found(findings, "export of metrics") == []
    assert _found(findings, "export of logs") == [("ok", "printed by the process itself")]
    assert _found(findings, "export of traces") == [
        ("ok", f"delivered to {sink.endpoint}"),
        ("ok", "printed by the process itself"),
    ]


def test_delivery_is_not_checked_where_nothing_is_exported(tmp_path: Path) -> None:
    """A process that exports nothing isn't told that its telemetry was delivered."""
    with HttpSink() as sink:
        missing = str(tmp_path / "no.yaml")
        findings = _doctor(OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint, PAZPAZ_OTEL_POLICY=missing)
    assert _found(findings, "guards")[0][0] == "fault"
    assert not any("delivered" in finding["text"] for finding in findings)
    assert _found(findings, "export")[0][0] == "note"


def test_https_to_a_port_without_tls() -> None:
    """A handshake that fails isn't told as a certificate that isn't trusted."""
    with HttpSink() as sink:
        findings = _doctor(OTEL_EXPORTER_OTLP_ENDPOINT=sink.endpoint.replace("http://", "https://"))
    (hint,) = (one["hint"] for one in findings if one["subject"] == "export of traces")
    assert hint == "the TLS handshake failed; if the port speaks plain HTTP, write http://"


def test_a_missing_configuration_file_is_named(tmp_path: Path) -> None:
    """`OTEL_CONFIG_FILE` without its file is a fault of that variable, and no policy is blamed."""
    findings = _doctor("--no-send", OTEL_CONFIG_FILE=str(tmp_path / "no.yaml"))
    assert ("fault", f"there is no file {tmp_path / 'no.yaml'}") in _found(findings, "OTEL_CONFIG_FILE")
    assert "policy check" not in json.dumps(findings)


def test_a_ledger_that_cannot_be_kept_is_a_fault() -> None:
    """A directory that the ledger can't use is told with the start's own reason."""
    settings = {"PAZPAZ_OTEL_LEDGER": "/proc/nowhere", "WEB_CONCURRENCY": "2"}
    (finding,) = _found(_doctor("--no-send", **settings), "workers")
    assert finding[0] == "fault"
    assert "its directory can't be created (FileNotFoundError)" in finding[1]
    program = str(Path(sys.executable).with_name("opentelemetry-instrument"))
    none = {"OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    environment = inherited({**settings, **none})
    done = subprocess.run(
        [program, sys.executable, "-c", ""], env=environment, capture_output=True, text=True, check=True
    )
    assert "there is no ledger, because its directory can't be created (FileNotFoundError); set" in done.stderr


class _Sentry(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "state"), [(200, "ok"), (400, "ok"), (401, "fault"), (404, "fault"), (502, "fault"), (None, "fault")]
)
def test_sentry_is_reached_without_an_error(status: int | None, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that refuses, or a host that isn't there, is a fault; no event is sent, and no key is told."""
    from pazpaz_otel.cli.doctor import delivery

    handler = type("Handler", (_Sentry,), {"status": status})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        port = server.server_address[1] if status else free_port()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("SENTRY_DSN", f"http://s3cr3tk3y@127.0.0.1:{port}/7")
        (finding,) = delivery.sentry()
        server.shutdown()
    assert (finding.subject, finding.state) == ("SENTRY_DSN", state)
    assert f"http://127.0.0.1:{port} " in finding.text
    assert "s3cr3tk3y" not in str(finding)
