"""A program that measures in every way before and after it starts its first process; prints what it is to come to."""

from __future__ import annotations

import multiprocessing
import sys

import prometheus_client
from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

meter = metrics.get_meter(__name__)
asked = meter.create_counter("visits.asked")
open_visits = meter.create_up_down_counter("visits.open")
runs = prometheus_client.Counter("visits_run", "Runs.")
times = [0]


def observe(_: CallbackOptions) -> list[Observation]:
    """Count how often this is called, as another thread counts while the process joins."""
    if multiprocessing.parent_process() is not None:
        return []
    times[0] += 1
    asked.add(1)
    return [Observation(10)]


meter.create_observable_counter("visits.seen", [observe])


def visit() -> None:
    """Count in another process."""
    asked.add(100)
    runs.inc(100)


if __name__ == "__main__":
    open_visits.add(5)
    runs.inc(4)
    child = multiprocessing.get_context(sys.argv[1]).Process(target=visit)
    child.start()
    child.join()
    open_visits.add(-3)
    runs.inc()
    metrics.get_meter_provider().force_flush()  # type: ignore[attr-defined]
    sys.stdout.write(str(times[0]))
