"""A program that starts processes of its own, for which nobody set anything: what they count is counted once."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import Instrumented, completed
from tests.integration.sums import instances, latest, requests_counted, values
from tests.programs import HttpSink, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def own() -> Iterator[dict[str, str]]:
    """Settings under which nothing is shared with another test."""
    # The path of a fork server's socket may have a hundred characters.
    with tempfile.TemporaryDirectory(prefix="pools-") as folder:
        yield {"TMPDIR": folder, "PAZPAZ_OTEL_SCRAPE_INTERVAL": "0"}


def _created(sink: HttpSink) -> float:
    return _sum(sink, "appointments.created")


def _sum(sink: HttpSink, name: str) -> float:
    return sum(point.as_int or point.as_double for point in latest(sink, name).values())


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pools_counts_arrive(tmp_path: Path, otlp_http_sink: HttpSink, own: dict[str, str], method: str):
    """Before its first process, a program joins a ledger with what it counts from then on."""
    completed("pooled.py", tmp_path, otlp_http_sink, own, method)
    assert _created(otlp_http_sink) == 3 + 20 + 2


def test_a_program_that_counted_nothing_says_nothing_of_its_own(
    tmp_path: Path, otlp_http_sink: HttpSink, own: dict[str, str]
):
    """A supervisor that joins the ledger exports no sums of nothing under an instance that ends there."""
    # No export is due before it joins, however slowly it starts.
    completed("supervising.py", tmp_path, otlp_http_sink, {**own, "OTEL_METRIC_EXPORT_INTERVAL": "30000"})
    assert _created(otlp_http_sink) == 1
    assert len(instances(otlp_http_sink)) == 1


def test_a_server_that_starts_a_pool_counts_nothing_twice(
    tmp_path: Path, otlp_http_sink: HttpSink, own: dict[str, str]
):
    """What it had counted by then stays its own; the rest is one sum with that of the pool."""
    server = ("uvicorn", "pooled:app", "--port", "{port}")
    with Instrumented(tmp_path, otlp_http_sink, own, server) as clinic:
        for _ in range(3):
            clinic.call("/visits")
        wait_until(lambda: requests_counted(otlp_http_sink) == 3, "its own counts")
        for path in ("/visits", "/pool", "/visits", "/pool"):
            clinic.call(path)
        wait_until(lambda: requests_counted(otlp_http_sink) == 7, "the sum of all")
        clinic.stop()
    assert (_created(otlp_http_sink), requests_counted(otlp_http_sink)) == (5 + 40, 7)
    assert len(instances(otlp_http_sink)) == 2


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_nothing_is_lost_or_doubled_as_a_program_joins(
    tmp_path: Path, otlp_http_sink: HttpSink, own: dict[str, str], method: str
):
    """Counts of that very moment, levels, totals that callbacks observe and those of `prometheus_client` go on."""
    observed = int(completed("joining.py", tmp_path, otlp_http_sink, own, method))
    assert 100 + observed <= _sum(otlp_http_sink, "visits.asked") < 200
    assert _sum(otlp_http_sink, "visits.seen") == 10
    assert _sum(otlp_http_sink, "visits.open") == 5 - 3
    assert _sum(otlp_http_sink, "visits_run_total") == 4 + 100 + 1


@pytest.mark.parametrize("ledger", ["auto", "off"])
def test_a_forked_process_counts_no_total_of_its_parents_again(
    tmp_path: Path, otlp_http_sink: HttpSink, own: dict[str, str], ledger: str
):
    """Of totals that callbacks observe it counts the increase, or all where they begin anew; levels are each one's."""
    completed("forked_totals.py", tmp_path, otlp_http_sink, {**own, "PAZPAZ_OTEL_LEDGER": ledger})
    assert _sum(otlp_http_sink, "visits.seen") == 10 + 3 + 100 + 1000 + 1000
    assert _sum(otlp_http_sink, "visits.own") == 9 + 4 + 4 + 2
    if ledger == "auto":
        assert {value for value in values(otlp_http_sink, "visits.open") if value} == {5, 10, 15}
        assert _sum(otlp_http_sink, "visits.open") == 5
        assert set(values(otlp_http_sink, "visits.newest")) == {5}
