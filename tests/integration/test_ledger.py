"""Several workers, one ledger: what leaves is the sum of what all of them counted, whoever comes and goes."""

from __future__ import annotations

import os
import signal
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.instrumented import Instrumented, resources
from tests.integration.sums import instances, requests_counted
from tests.programs import HttpSink, free_port, wait_until
from tests.programs.running import get

pytestmark = pytest.mark.slow

UVICORN = ("uvicorn", "clinic:app", "--port", "{port}", "--workers", "2", "--timeout-worker-healthcheck", "60")
GUNICORN = (*("gunicorn", "clinic:app", "-k", "uvicorn.workers.UvicornWorker", "-w", "2", "-b", "127.0.0.1:{port}"),)
SERVERS = {"uvicorn": UVICORN, "gunicorn": GUNICORN, "gunicorn preload": (*GUNICORN, "--preload")}
FILES = {"PAZPAZ_OTEL_SCRAPE_INTERVAL": "0", "PAZPAZ_OTEL_LEDGER": "on"}


@pytest.fixture
def temporary(tmp_path: Path) -> dict[str, str]:
    """Settings under which nothing is shared with another test."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return {**FILES, "TMPDIR": str(folder)}


def _serve_from_both(clinic: Instrumented) -> tuple[int, set[int]]:
    served: set[int] = set()
    calls = 0

    def both() -> bool:
        nonlocal calls
        worker = clinic.call("/clients/1")[1]["worker"]
        calls += 1
        served.add(worker)
        return len(served) >= 2

    wait_until(both, "two workers")
    return calls, served


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_the_sum_is_that_of_all_workers(
    tmp_path: Path, otlp_http_sink: HttpSink, temporary: dict[str, str], server: tuple[str, ...]
):
    """What two workers counted arrives as one sum of one instance, also after both have ended; their traces by two."""
    with Instrumented(tmp_path, otlp_http_sink, temporary, server) as clinic:
        calls, _ = _serve_from_both(clinic)
        wait_until(lambda: requests_counted(otlp_http_sink) == calls, "the sum")
        wait_until(lambda: len(_of_traces(otlp_http_sink)) >= 2, "both workers' spans")
        clinic.call("/clients/1")
        clinic.stop()
    assert requests_counted(otlp_http_sink) == calls + 1
    assert len(instances(otlp_http_sink)) == 1
    assert len(_of_traces(otlp_http_sink)) == 2


def _of_traces(sink: HttpSink) -> set[str]:
    return {resource["service.instance.id"] for resource in resources(sink)}


def test_a_killed_worker_takes_at_most_the_last_second_along(
    tmp_path: Path, otlp_http_sink: HttpSink, temporary: dict[str, str]
):
    """What a worker counted before its last merge stays when it is killed, and its successor adds to it."""
    with Instrumented(tmp_path, otlp_http_sink, temporary, GUNICORN) as clinic:
        calls, served = _serve_from_both(clinic)
        wait_until(lambda: requests_counted(otlp_http_sink) == calls, "the sum")
        os.kill(next(iter(served)), signal.SIGKILL)

        def successor() -> bool:
            nonlocal calls
            calls += 1
            return clinic.call("/clients/1")[1]["worker"] not in served

        wait_until(successor, "a new worker")
        wait_until(lambda: requests_counted(otlp_http_sink) == calls, "the sum with the successor's part")
    assert len(instances(otlp_http_sink)) == 1


def test_the_embedded_endpoint_serves_every_workers_counts(tmp_path: Path, temporary: dict[str, str]):
    """One of the workers serves the sum of all to Prometheus; another takes over when it is killed."""
    port = free_port()
    environment = {
        **temporary,
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
        "PAZPAZ_OTEL_LEDGER": "auto",
    }

    def page() -> str:
        return get(f"http://127.0.0.1:{port}/metrics")[1]

    def counted() -> float:
        rows = [line for line in page().splitlines() if line.startswith("http_requests_total{")]
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows)

    with Instrumented(tmp_path, None, environment, UVICORN) as clinic:
        calls, _ = _serve_from_both(clinic)
        wait_until(lambda: counted() == calls, "the sum at the endpoint")
        server = _listener(port)
        os.kill(server, signal.SIGKILL)
        wait_until(lambda: counted() == calls and _listener(port) != server, "another process at the endpoint")


def test_the_file_is_the_users_alone_and_holds_no_patient(
    tmp_path: Path, otlp_http_sink: HttpSink, temporary: dict[str, str]
):
    """The ledger is readable by its owner only, and nothing that the guards would drop is ever written to it."""
    with Instrumented(tmp_path, otlp_http_sink, temporary, UVICORN) as clinic:
        calls, _ = _serve_from_both(clinic)
        clinic.call("/clients/1?name=Miriam-Sommerfeld")
        clinic.call("/Miriam-Sommerfeld", {"host": "miriam-sommerfeld.example"})
        wait_until(lambda: requests_counted(otlp_http_sink) >= calls + 2, "the sum")
        files = [file for file in Path(temporary["TMPDIR"]).rglob("*") if file.is_file()]
        assert files
        for file in files:
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert b"sommerfeld" not in file.read_bytes().lower()


def test_where_the_ledger_cannot_be_written_each_worker_tells_its_own(
    tmp_path: Path, otlp_http_sink: HttpSink, temporary: dict[str, str]
):
    """A directory that can't be made leaves a series set per worker, and one line says why."""
    (tmp_path / "file").write_text("")
    environment = {**temporary, "PAZPAZ_OTEL_LEDGER": str(tmp_path / "file" / "ledger")}
    with Instrumented(tmp_path, otlp_http_sink, environment, UVICORN) as clinic:
        _serve_from_both(clinic)
        wait_until(lambda: len(instances(otlp_http_sink)) >= 2, "two instances")
        assert "there is no ledger" in clinic.log


def _listener(port: int) -> int:
    """The process that listens on a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(link.readlink()) in sockets:
                return int(link.parts[2])
    raise AssertionError("nobody listens")
