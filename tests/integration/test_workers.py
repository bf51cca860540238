"""Several processes of one application: each its own identity, each with exporters that work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import APPS, Instrumented, metric_names, resources, spans
from tests.integration.sums import instances
from tests.programs import HttpSink, wait_until

if TYPE_CHECKING:
    from pathlib import Path

SERVERS = {
    "uvicorn workers": (
        "uvicorn",
        "clinic:app",
        "--port",
        "{port}",
        "--workers",
        "2",
        "--timeout-worker-healthcheck",
        "60",
    ),
    "gunicorn": ("gunicorn", "clinic:app", "-k", "uvicorn.workers.UvicornWorker", "-w", "2", "-b", "127.0.0.1:{port}"),
    "gunicorn preload": (
        *("gunicorn", "clinic:app", "--preload", "-k", "uvicorn.workers.UvicornWorker"),
        *("-w", "2", "-b", "127.0.0.1:{port}"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize("pinned", [False, True], ids=["own id", "pinned id"])
def test_each_worker_is_known_by_its_own_id(
    tmp_path: Path, otlp_http_sink: HttpSink, server: tuple[str, ...], pinned: bool
):
    """Two workers that both served send traces under two ids, also where one id is pinned; their counts have one."""
    environment = {"OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=pod1"} if pinned else {}
    with Instrumented(tmp_path, otlp_http_sink, environment, server) as clinic:
        served: set[int] = set()

        def both_served() -> bool:
            served.add(clinic.call("/clients/1")[1]["worker"])
            return len(served) == 2

        wait_until(both_served, "two workers")
        wait_until(lambda: _ids(otlp_http_sink) >= 2, "both workers' spans")
        wait_until(lambda: "http.server.request.duration" in metric_names(otlp_http_sink), "metrics")
        clinic.stop()
    assert len(instances(otlp_http_sink)) == 1
    ids = {resource["service.instance.id"] for resource in resources(otlp_http_sink)}
    assert len(ids) == 2


def _ids(sink: HttpSink) -> int:
    return len({resource["service.instance.id"] for resource in resources(sink)})


@pytest.mark.slow
def test_the_reloader_reloads(tmp_path: Path, otlp_http_sink: HttpSink):
    """Under `--reload` the serving process exports."""
    server = ("uvicorn", "clinic:app", "--port", "{port}", "--reload", "--reload-dir", str(APPS))
    with Instrumented(tmp_path, otlp_http_sink, {}, server) as clinic:
        clinic.call("/clients/1")
        wait_until(lambda: spans(otlp_http_sink), "spans")


def test_a_pinned_id_is_kept_by_a_single_process(tmp_path: Path, otlp_http_sink: HttpSink):
    """`service.instance.id` in `OTEL_RESOURCE_ATTRIBUTES` stays where one process has it to itself."""
    environment = {"OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=pod1"}
    with Instrumented(tmp_path, otlp_http_sink, environment) as clinic:
        clinic.call("/clients/1")
        wait_until(lambda: spans(otlp_http_sink), "spans")
    assert {resource["service.instance.id"] for resource in resources(otlp_http_sink)} == {"pod1"}
