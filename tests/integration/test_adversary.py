"""An application that tries to say what may not leave."""

from __future__ import annotations

import subprocess
import sys

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import APPS
from tests.programs import HttpSink

SECRET = "dvora_katzenelson"
REQUESTS = {
    "traces": ExportTraceServiceRequest,
    "metrics": ExportMetricsServiceRequest,
    "logs": ExportLogsServiceRequest,
}


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What the application's sink received, by signal."""
    with HttpSink() as sink:
        subprocess.run(
            [sys.executable, str(APPS / "adversary.py"), SECRET],
            check=True,
            timeout=60,
            env=inherited({"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "600000"}),
        )
        return {name: "".join(map(str, sink.messages(request))) for name, request in REQUESTS.items()}


def test_numbers_that_identify_somebody_stay(said: dict[str, str]) -> None:
    """Nine digits don't leave as a total, a boundary or a gauge; a plausible total does."""
    assert "234567891" not in "".join(said.values())
    assert "as_int: 7" in said["metrics"]


def test_names_made_in_a_request_stay(said: dict[str, str]) -> None:
    """A route, table, alias or label that a request made doesn't leave; the application's own do."""
    assert SECRET not in "".join(said.values())
    assert "clients.id" in said["traces"]
    assert "GET /clinic/visits" in said["traces"]


def test_what_cannot_be_encoded_does_not_take_its_batch_along(said: dict[str, str]) -> None:
    """A span or log record with a time or kind that OTLP can't hold costs nothing else of its batch."""
    assert "sound span" in said["traces"]
    assert "sound line" in said["logs"]
