"""Several processes of one application: each its own identity, each with exporters that work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import (
    APPS,
    Instrumented,
    completed,
    errors,
    log_records,
    metric_names,
    resources,
    spans,
)
from tests.integration.sums import instances, latest
from tests.programs import HttpSink, free_port, wait_until

if TYPE_CHECKING:
    from pathlib import Path

SIGNALS = ("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER")
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
def test_each_worker_is_known_by_an_id_of_its_own_where_one_is_pinned(
    tmp_path: Path, otlp_http_sink: HttpSink, server: tuple[str, ...]
):
    """Two workers that both served send traces under two ids; their counts have one. `test_ledger` pins none."""
    environment = {"OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=pod1"}
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


@pytest.mark.parametrize("module", ["urllib3.connection", "stringprep"])
def test_a_fork_during_the_first_export_leaves_a_child_that_exports(
    tmp_path: Path, otlp_http_sink: HttpSink, module: str
):
    """What a thread was importing at a fork is whole in the child, for its telemetry and for the application."""
    completed("forks_while_importing.py", tmp_path, otlp_http_sink, {}, module, "otlp", zero_code=False)
    assert {span.name for span in spans(otlp_http_sink)} == {"of the parent", "of the child"}


def test_a_fork_during_the_first_error_leaves_a_child_that_tells_of_its_own(tmp_path: Path, otlp_http_sink: HttpSink):
    """What Sentry's thread needs to send is whole in the child."""
    environment = {"SENTRY_DSN": otlp_http_sink.dsn, **dict.fromkeys(SIGNALS, "none")}
    completed(
        "forks_while_importing.py", tmp_path, otlp_http_sink, environment, "stringprep", "sentry", zero_code=False
    )
    assert len(errors(otlp_http_sink)) == 2


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"PAZPAZ_OTEL_LEDGER": "on"},
        {"OTEL_TRACES_EXPORTER": "otlp,pazpaz_console", "OTEL_METRICS_EXPORTER": "otlp,pazpaz_prometheus"},
    ],
    ids=["own counts", "ledger", "console and prometheus"],
)
def test_a_fork_while_threads_hold_locks_leaves_a_child_that_works(
    tmp_path: Path, otlp_http_sink: HttpSink, settings: dict[str, str]
):
    """A child whose parent's threads held every lock of the telemetry traces, logs, counts, tells errors, and ends.

    What its parent counted is counted once.
    """
    environment = {
        "SENTRY_DSN": otlp_http_sink.dsn,
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(free_port()),
        "OTEL_METRICS_EXEMPLAR_FILTER": "always_off",
        "TMPDIR": str(tmp_path),
        **settings,
    }
    completed("forks_while_held.py", tmp_path, otlp_http_sink, environment, zero_code=False)
    assert sorted(span.name for span in spans(otlp_http_sink)) == ["of the child", "of the parent"]
    bodies = [record.body.string_value for record in log_records(otlp_http_sink)]
    assert len([body for body in bodies if body.startswith("a line of the ")]) == 2
    assert len(errors(otlp_http_sink)) == 2
    assert sum(point.as_int for point in latest(otlp_http_sink, "app.work").values()) == 2
