"""Jobs of every kind of worker are counted to the last one: one sum, whoever ran them and however it ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import INSTRUMENT, spans
from tests.integration.sums import instances, latest
from tests.integration.test_jobs import Jobs
from tests.programs import HttpSink, Program, wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.stack]

JOBS = 6
ENDING = ("rq", "arq", "apscheduler", "script", "exit", "fork", "spawn")
"""Ways of `counted_jobs.py` whose worker ends by itself."""
TOGETHER = {"PAZPAZ_OTEL_LEDGER": "on", "PAZPAZ_OTEL_SCRAPE_INTERVAL": "0"}


NAMES = {"POST /jobs", "process counted_jobs.count", "process counted_later", "run/jobs.count"}


class Counted(Jobs):
    """`counted_jobs.py`, its counts in a ledger of the test's own."""

    def __init__(self, folder: Path, sinks: tuple[HttpSink, HttpSink], redis: str, **settings: str) -> None:
        super().__init__("counted", folder, sinks, redis)
        temporary = folder / "tmp"
        temporary.mkdir()
        self._environment |= {**TOGETHER, "TMPDIR": str(temporary), **settings}

    def do(self, verb: str, way: str) -> None:
        """Enqueue the jobs, or run them to their end."""
        command = self._command
        self._command = [*command, verb]
        self.run(way)
        self._command = command

    def celery(self, *options: str) -> Program:
        """Celery's own command, until it is left."""
        worker = ["-m", "celery", "-A", "counted_jobs", "worker", "--loglevel=WARNING", *options]
        return Program([*INSTRUMENT, sys.executable, *worker], self._folder, self._environment)

    def total(self) -> float:
        """What arrived of the counts."""
        points = latest(self.telemetry, "appointments.created").values()
        return sum(point.as_int or point.as_double for point in points)

    def processed(self) -> dict[tuple[str, str], int]:
        """How often each job was processed, by name and outcome."""
        found: dict[tuple[str, str], int] = {}
        for (_, labels), point in latest(self.telemetry, "messaging.process.duration").items():
            by = dict(labels)
            key = (by["job.name"], by["job.outcome"])
            found[key] = found.get(key, 0) + point.count
        return found

    def traces(self) -> set[bytes]:
        """The traces of the jobs, and of the request that enqueued them."""
        return {span.trace_id for span in spans(self.telemetry) if span.name in NAMES}


@pytest.mark.parametrize("way", ENDING)
def test_a_worker_that_ends_leaves_every_count(
    tmp_path: Path, sinks: tuple[HttpSink, HttpSink], redis: str, way: str
) -> None:
    """What its processes counted has arrived as one sum of one instance when it has ended, also by `os._exit`."""
    jobs = Counted(tmp_path, sinks, redis)
    if way in {"rq", "arq"}:
        jobs.do("enqueue", way)
    jobs.do("work", way)
    if way == "exit":
        # Nobody is left who would send what it has merged, until the next one starts.
        jobs.do("work", "script")
    assert jobs.total() == (2 * JOBS if way == "exit" else JOBS)
    if way in {"rq", "arq"}:
        assert jobs.traces() == {jobs.named("POST /jobs")[0].trace_id}
    if way in {"rq", "arq", "apscheduler"}:
        assert sum(jobs.processed().values()) == JOBS
        assert {outcome for _, outcome in jobs.processed()} == {"success"}
    jobs.nothing_leaks()


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_a_celery_worker_that_serves_on_is_counted(
    tmp_path: Path, sinks: tuple[HttpSink, HttpSink], redis: str, pool: str
) -> None:
    """Its children's counts arrive while they live, in one sum; the tasks are in the trace that sent them."""
    jobs = Counted(tmp_path, sinks, redis)
    jobs.do("enqueue", "celery")
    with jobs.celery(f"--pool={pool}", "--concurrency=2"):
        wait_until(lambda: jobs.total() == JOBS, "every task in the sum", 90)
        wait_until(lambda: len(jobs.named("run/jobs.count")) == JOBS, "their spans", 30)
    assert jobs.traces() == {jobs.named("POST /jobs")[0].trace_id}
    jobs.nothing_leaks()


def test_a_script_of_cron_goes_on_where_the_last_one_ended(
    tmp_path: Path, sinks: tuple[HttpSink, HttpSink], redis: str
) -> None:
    """With a kept ledger, each run adds to one sum of one instance."""
    jobs = Counted(tmp_path, sinks, redis, PAZPAZ_OTEL_LEDGER=str(tmp_path / "kept"))
    for _ in range(2):
        jobs.do("work", "script")
    assert jobs.total() == 2 * JOBS
    assert len(instances(jobs.telemetry)) == 1
