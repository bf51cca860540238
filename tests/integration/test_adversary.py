"""An application that tries to say what may not leave."""

from __future__ import annotations

import subprocess
import sys

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.settings import inherited
from tests.integration.instrumented import APPS
from tests.programs import HttpSink

SECRET = "dvora_katzenelson"


def test_numbers_and_names_made_at_run_time_stay() -> None:
    """Neither nine digits as a total, boundary or gauge leave, nor a route, table, alias or label made in a request."""
    with HttpSink() as sink:
        subprocess.run(
            [sys.executable, str(APPS / "adversary.py"), SECRET],
            check=True,
            timeout=60,
            env=inherited({"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "OTEL_METRIC_EXPORT_INTERVAL": "600000"}),
        )
        metrics = "".join(map(str, sink.messages(ExportMetricsServiceRequest)))
        traces = "".join(map(str, sink.messages(ExportTraceServiceRequest)))
    assert "234567891" not in metrics
    assert "as_int: 7" in metrics
    assert SECRET not in traces + metrics
    assert "GET /clinic/visits" in traces
    assert "clients.id" in traces
