"""Jobs of real queues and schedulers: traced, measured, linked to what enqueued them, without their arguments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.integration.instrumented import APPS, FAST, INSTRUMENT, attributes, everything, spans
from tests.programs import HttpSink, Program, wait_until
from tests.programs.envelopes import envelope_items
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.stack]

CLIENT = "Dvora-Mizrahi-7731"
LIBRARIES = (
    "arq>=0.25",
    "rq>=2",
    "apscheduler>=3.11,<4",
    "celery[redis]>=5.5",
    "gevent",
    "redis<6",
    "opentelemetry-instrumentation-celery==0.66b1",
)


class Jobs:
    """One of the programs in `apps/jobs`, under `opentelemetry-instrument`.

    Args:
        name: of the program.
        folder: for its output.
        sinks: where its telemetry and its errors go.
        redis: the URL of the queue.
    """

    def __init__(self, name: str, folder: Path, sinks: tuple[HttpSink, HttpSink], redis: str) -> None:
        [libraries] = pypi_folder("jobs", LIBRARIES).glob("lib/python*/site-packages")
        self.telemetry, self.sentry = sinks
        self._folder, self._name = folder, name
        self._command = [*INSTRUMENT, sys.executable, str(APPS / "jobs" / f"{name}_jobs.py")]
        self._environment = {
            **FAST,
            "PYTHONPATH": os.pathsep.join([str(APPS / "jobs"), str(libraries)]),
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.telemetry.endpoint,
            "SENTRY_DSN": self.sentry.dsn,
            "REDIS_URL": redis,
        }

    def run(self, mode: str) -> None:
        """Run it to its end."""
        done = subprocess.run(
            [*self._command, mode, CLIENT],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert done.returncode == 0, done.stderr

    def program(self, mode: str) -> Program:
        """It, running until it is left."""
        return Program([*self._command, mode, CLIENT], self._folder, self._environment, name=self._name)

    def worker(self, *options: str) -> Program:
        """Celery's own command, running until it is left."""
        command = [*self._command[:-1], "-m", "celery", "-A", f"{self._name}_jobs", "worker", *options]
        return Program(command, self._folder, self._environment, name=self._name)

    def named(self, name: str) -> list[Any]:
        """The spans of this name that have arrived."""
        return [span for span in spans(self.telemetry) if span.name == name]

    def roots(self) -> set[str]:
        """The names of the spans that begin a trace."""
        return {span.name for span in spans(self.telemetry) if not span.parent_span_id}

    def events(self) -> list[dict[str, Any]]:
        """The errors that have arrived."""
        return [json.loads(envelope_items(received.body)[1][1]) for received in self.sentry.received]

    def measured(self) -> list[dict[str, Any]]:
        """The attributes of the last measurements of processing."""
        return [
            attributes(point)
            for message in self.telemetry.messages(ExportMetricsServiceRequest)
            for of_resource in message.resource_metrics
            for of_scope in of_resource.scope_metrics
            for metric in of_scope.metrics
            if metric.name == "messaging.process.duration"
            for point in metric.histogram.data_points
        ]

    def nothing_leaks(self) -> None:
        """Assert that no argument has left."""
        assert CLIENT not in everything(self.telemetry) + everything(self.sentry)


def test_arq(tmp_path: Path, sinks: tuple[HttpSink, HttpSink], redis: str) -> None:
    """A job is a span in the trace that enqueued it, its error is linked; polling is quiet."""
    jobs = Jobs("arq", tmp_path, sinks, redis)
    jobs.run("enqueue")
    jobs.run("work")
    [request], [sent] = jobs.named("POST /reminders"), jobs.named("process send_reminder")
    [enqueued] = jobs.named("enqueue send_reminder")
    assert sent.trace_id == enqueued.trace_id == request.trace_id
    assert sent.parent_span_id == sent.links[0].span_id == enqueued.span_id
    [written] = jobs.named("write the reminder")
    assert written.parent_span_id == sent.span_id
    found = attributes(sent)
    assert found["messaging.system"] == "arq"
    assert found["messaging.destination.name"] == "arq:queue"
    assert found["code.function.name"] == "__main__.send_reminder"
    assert (found["job.attempt"], found["job.outcome"]) == (1, "success")
    assert found["job.queue_time"] >= 0
    assert [attributes(span)["job.outcome"] for span in jobs.named("process wait")] == ["retry", "success"]
    [lost] = jobs.named("process lose")
    assert (attributes(lost)["job.outcome"], attributes(lost)["error.type"]) == ("failure", "ValueError")
    [event] = jobs.events()
    assert event["contexts"]["trace"]["trace_id"] == lost.trace_id.hex()
    assert event["event_id"] == attributes(lost)["sentry.event_id"]
    outcomes = {(point["job.name"], point["job.outcome"]) for point in jobs.measured()}
    assert {("send_reminder", "success"), ("lose", "failure"), ("wait", "retry")} <= outcomes
    assert jobs.roots() <= {"POST /reminders", "PING"}
    jobs.nothing_leaks()


def test_rq(tmp_path: Path, sinks: tuple[HttpSink, HttpSink], redis: str) -> None:
    """What a work horse made has left before it ends, and is in the trace that enqueued it."""
    jobs = Jobs("rq", tmp_path, sinks, redis)
    jobs.run("enqueue")
    jobs.run("work")
    [request], [sent] = jobs.named("POST /reminders"), jobs.named("process rq_jobs.send_reminder")
    assert sent.trace_id == request.trace_id
    assert [span.parent_span_id for span in jobs.named("write the reminder")] == [sent.span_id]
    [lost] = jobs.named("process rq_jobs.lose")
    assert attributes(lost)["job.outcome"] == "failure"
    assert {event["contexts"]["trace"]["trace_id"] for event in jobs.events()} == {lost.trace_id.hex()}
    assert jobs.roots() <= {"POST /reminders", "CLIENT INFO", "CLIENT SETNAME"}
    jobs.nothing_leaks()


def test_apscheduler(tmp_path: Path, sinks: tuple[HttpSink, HttpSink]) -> None:
    """A scheduled function's run is a trace of its own, named by the function, whatever the job is called."""
    jobs = Jobs("apscheduler", tmp_path, sinks, "")
    jobs.run("work")
    [sent], [lost] = jobs.named("process send_reminder"), jobs.named("process lose")
    assert (attributes(sent)["job.outcome"], attributes(lost)["job.outcome"]) == ("success", "failure")
    assert [event["contexts"]["trace"]["trace_id"] for event in jobs.events()] == [lost.trace_id.hex()]
    jobs.nothing_leaks()


def test_apscheduler_with_processes(tmp_path: Path, sinks: tuple[HttpSink, HttpSink]) -> None:
    """A function that is scheduled in a pool of processes runs there as it does without telemetry."""
    Jobs("apscheduler", tmp_path, sinks, "").run("processes")


def test_celery(tmp_path: Path, sinks: tuple[HttpSink, HttpSink], redis: str) -> None:
    """A prefork child's tasks are in the trace that enqueued them, by their registered names; errors are linked.

    What they do is traced, and what the worker does of its own isn't; a task that a request runs itself is part of it.
    """
    jobs = Jobs("celery", tmp_path, sinks, redis)
    jobs.run("enqueue")
    with jobs.program("work"):
        # The request has run one itself.
        wait_until(lambda: len(jobs.named("run/reminders.send")) > 1, "the task that was enqueued", 60)
        wait_until(lambda: jobs.named("run/celery_jobs.lose"), "the task that fails", 60)
        wait_until(lambda: len(jobs.named("run/celery_jobs.wait")) > 1, "the task that is run again", 60)
        wait_until(jobs.events, "the error", 30)
    ran = {attributes(span).get("job.attempt"): attributes(span) for span in jobs.named("run/reminders.send")}
    # The request runs one itself, which comes from no queue.
    assert set(ran) == {1, None}
    assert ran[1]["messaging.system"] == "celery"
    assert ran[1]["messaging.destination.name"] == "reminders"
    assert 0 <= ran[1]["job.queue_time"] < 600
    outcomes = {(point["job.name"], point["job.outcome"], point.get("error.type")) for point in jobs.measured()}
    assert outcomes == {
        ("reminders.send", "success", None),
        ("celery_jobs.wait", "retry", None),
        ("celery_jobs.wait", "success", None),
        ("celery_jobs.lose", "failure", "ValueError"),
    }
    assert [attributes(span)["job.attempt"] for span in jobs.named("run/celery_jobs.wait")] == [1, 2]
    [request] = jobs.named("POST /reminders")
    assert [span.trace_id for span in jobs.named("run/reminders.send")] == [request.trace_id] * 2
    assert {attributes(span)["celery.task_name"] for span in jobs.named("run/reminders.send")} == {"reminders.send"}
    assert {span.trace_id for span in jobs.named("SET")} == {request.trace_id}
    assert jobs.roots() == {"POST /reminders"}
    [lost] = jobs.named("run/celery_jobs.lose")
    assert {event["contexts"]["trace"]["trace_id"] for event in jobs.events()} == {lost.trace_id.hex()}
    jobs.nothing_leaks()


def test_celery_with_gevent(tmp_path: Path, sinks: tuple[HttpSink, HttpSink], redis: str) -> None:
    """A greenlet takes task after task: nothing imports parts of Celery before gevent has patched the process."""
    jobs = Jobs("celery", tmp_path, sinks, redis)
    jobs.run("enqueue")
    with jobs.worker("--pool=gevent", "--concurrency=1", "--loglevel=WARNING"):
        wait_until(lambda: jobs.named("run/celery_jobs.lose"), "the second task", 60)
    [request] = jobs.named("POST /reminders")
    assert [span.trace_id for span in jobs.named("run/reminders.send")] == [request.trace_id] * 2
    jobs.nothing_leaks()
