"""What the instrumentations beside the web framework's show: Redis commands, threads, connection pools."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.integration.instrumented import FAST, INSTRUMENT, attributes, everything, spans
from tests.programs import Redis

if TYPE_CHECKING:
    from pathlib import Path

    from tests.programs import HttpSink

NAME = "Dvora-Mizrahi-7731"


def run(text: str, folder: Path, sink: HttpSink, *arguments: str) -> None:
    """Runs a program under `opentelemetry-instrument` to its end."""
    file = folder / "program.py"
    file.write_text(text)
    done = subprocess.run(
        [*INSTRUMENT, sys.executable, str(file), NAME, *arguments],
        env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


POOL = """
import sys
import sqlalchemy
engine = sqlalchemy.create_engine("sqlite:///practice.db", poolclass=sqlalchemy.pool.QueuePool)
with engine.connect() as one, engine.connect() as two:
    two.close()
    from opentelemetry import metrics
    metrics.get_meter_provider().force_flush()
"""


def test_a_pool_is_observed(tmp_path: Path, otlp_http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch):
    """A pool with one connection in use and one idle says so, under its database's name."""
    monkeypatch.chdir(tmp_path)
    run(POOL, tmp_path, otlp_http_sink)
    assert {"used": 1, "idle": 1} in _pool_counts(otlp_http_sink)


@pytest.mark.parametrize(
    ("limits", "most"), [("", {15}), (", pool_size=3, max_overflow=4", {7}), (", max_overflow=-1", set())]
)
def test_a_pool_says_its_maximum(
    tmp_path: Path, otlp_http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch, limits: str, most: set[int]
):
    """A pool's size and overflow are its maximum; a pool that may overflow without limit has none."""
    monkeypatch.chdir(tmp_path)
    run(POOL.replace("QueuePool)", f"QueuePool{limits})"), tmp_path, otlp_http_sink)
    points = _pool_points(otlp_http_sink, "db.client.connection.max")
    assert {count for export in points for _, count in export} == most


def _pool_counts(sink: HttpSink) -> list[dict[str, int]]:
    """Connections by state, of each export that tells of them."""
    exports = _pool_points(sink, "db.client.connection.count")
    return [{at["db.client.connection.state"]: count for at, count in points} for points in exports]


def _pool_points(sink: HttpSink, name: str) -> list[list[tuple[dict[str, Any], int]]]:
    """The points of a pool's metric, of each export that has it."""
    found = []
    for request in sink.messages(ExportMetricsServiceRequest):
        scopes = [scope for resource in request.resource_metrics for scope in resource.scope_metrics]
        for metric in [metric for scope in scopes for metric in scope.metrics]:
            if metric.name == name:
                points = [(attributes(point), point.as_int) for point in metric.sum.data_points]
                assert {at["db.client.connection.pool.name"] for at, _ in points} == {"practice.db"}
                found.append(points)
    return found


THREADS = """
from concurrent.futures import ThreadPoolExecutor
from opentelemetry import trace
tracer = trace.get_tracer("notes")
def work():
    tracer.start_span("inner").end()
with tracer.start_as_current_span("outer"), ThreadPoolExecutor(1) as pool:
    pool.submit(work).result()
"""


def test_a_threads_span_belongs_to_the_one_that_submitted_it(tmp_path: Path, otlp_http_sink: HttpSink):
    """What runs in an executor's thread is part of the trace that submitted it."""
    run(THREADS, tmp_path, otlp_http_sink)
    found = {span.name: span for span in spans(otlp_http_sink)}
    assert found["inner"].trace_id == found["outer"].trace_id
    assert found["inner"].parent_span_id == found["outer"].span_id


REDIS = """
import sys
import redis
redis.Redis.from_url(sys.argv[2]).set("client:" + sys.argv[1], sys.argv[1])
"""


@pytest.mark.stack
def test_a_redis_command_is_a_span_without_its_arguments(tmp_path: Path, otlp_http_sink: HttpSink):
    """A command is a span named by it, and neither its key nor its value leaves."""
    with Redis(tmp_path) as server:
        run(REDIS, tmp_path, otlp_http_sink, server.url)
    [span] = [span for span in spans(otlp_http_sink) if span.name.startswith("SET")]
    assert attributes(span)["db.query.text"] == "SET ? ?"
    assert NAME not in everything(otlp_http_sink)
