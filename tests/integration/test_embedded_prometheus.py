"""The endpoint by which a process serves its own metrics."""

from __future__ import annotations

import re
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import Instrumented
from tests.programs import free_port, wait_until
from tests.programs.running import get

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Dvora-Mizrahi-7731"
EMBEDDED = {"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}


@pytest.mark.slow
def test_the_embedded_prometheus_endpoint(tmp_path: Path):
    """With `OTEL_METRICS_EXPORTER=prometheus` one process serves its own metrics, the guide's names among them."""
    port = free_port()
    environment = {**EMBEDDED, "OTEL_EXPORTER_PROMETHEUS_PORT": str(port)}
    with Instrumented(tmp_path, None, environment) as clinic:
        clinic.call(f"/nowhere/{NAME}")
        clinic.call(f"/clients/{NAME}")
        text = wait_until(
            lambda: found if "http_requests_total" in (found := get(f"http://127.0.0.1:{port}/metrics")[1]) else None,
            "the metrics",
        )
    assert 'http_requests_total{handler="/clients/{client_id}",method="GET",status="200"} 1.0' in text
    # What no route answers is counted without a handler, as behind the Collector: to Prometheus, an empty one is none.
    assert 'http_requests_total{handler="",method="GET",status="404"} 1.0' in text
    assert 'http_request_duration_seconds_count{handler="/clients/{client_id}",method="GET"} 1.0' in text
    assert 'http_requests_inprogress{handler="/clients/{client_id}",method="GET"} 0.0' in text
    assert "http_server_request_duration_seconds_count{" in text
    assert "/health" not in text
    assert "python_gc" not in text
    assert NAME not in text


@pytest.mark.slow
def test_several_workers_do_not_share_an_embedded_endpoint(tmp_path: Path):
    """With several workers and no ledger the embedded endpoint refuses and says what to use."""
    environment = {**EMBEDDED, "PAZPAZ_OTEL_LEDGER": "off"}
    server = ("uvicorn", "clinic:app", "--port", "{port}", "--workers", "2", "--timeout-worker-healthcheck", "60")
    with Instrumented(tmp_path, None, environment, server) as clinic:
        wait_until(lambda: "OTEL_METRICS_EXPORTER=otlp" in clinic.log, "the line")
        assert clinic.call("/clients/1")[0] == 200


@pytest.mark.slow
def test_the_endpoint_has_a_pools_counts(tmp_path: Path):
    """A program that starts a pool serves the counts of all from then on, and none goes back."""
    port = free_port()
    environment = {**EMBEDDED, "OTEL_EXPORTER_PROMETHEUS_PORT": str(port)}
    shown = [0.0]

    def created() -> float:
        text = get(f"http://127.0.0.1:{port}/metrics")[1]
        shown.extend(map(float, re.findall(r"^appointments_created_total (.*)$", text, re.MULTILINE)))
        return shown[-1]

    server = ("uvicorn", "pooled:app", "--port", "{port}")
    # The path of a fork server's socket may have a hundred characters.
    with (
        tempfile.TemporaryDirectory(prefix="pools-") as folder,
        Instrumented(tmp_path, None, {"TMPDIR": folder, **environment}, server) as clinic,
    ):
        for path, total in (("/visits", 1), ("/visits", 2), ("/pool", 22), ("/visits", 23), ("/pool", 43)):
            clinic.call(path)
            wait_until(lambda total=total: created() == total, f"{total} appointments")
        text = get(f"http://127.0.0.1:{port}/metrics")[1]
    assert shown == sorted(shown)
    assert 'http_requests_total{handler="/visits",method="GET",status="200"} 3.0' in text
