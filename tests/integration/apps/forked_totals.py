"""A program whose callbacks observe what it counts itself, and which forks with those counts."""

from __future__ import annotations

import multiprocessing
import os

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

meter = metrics.get_meter(__name__)
seen = [0]
generation = [0]
os.register_at_fork(after_in_child=lambda: generation.append(generation.pop() + 1))


def observe_seen(_: CallbackOptions) -> list[Observation]:
    """Observe a variable, which a fork copies."""
    return [Observation(seen[0], {"error.type": "ValueError"})]


def observe_own(_: CallbackOptions) -> list[Observation]:
    """Observe a total that is each process's own, as its time is."""
    return [Observation(9 >> generation[0])]


def observe_open(_: CallbackOptions) -> list[Observation]:
    """Observe a level of each process."""
    return [Observation(5)]


meter.create_observable_counter("visits.seen", [observe_seen])
meter.create_observable_counter("visits.own", [observe_own])
meter.create_observable_up_down_counter("visits.open", [observe_open])
meter.create_observable_gauge("visits.newest", [observe_open])


def see(times: int) -> None:
    """Count, and export."""
    seen[0] += times
    metrics.get_meter_provider().force_flush()  # type: ignore[attr-defined]


def see_in_two(times: int) -> None:
    """Count in a process, and in one of its own."""
    see(times)
    in_child(see, times)


def in_child(function: object, times: int) -> None:
    """Call a function in a forked process."""
    child = multiprocessing.get_context("fork").Process(target=function, args=(times,))  # type: ignore[arg-type]
    child.start()
    child.join()


if __name__ == "__main__":
    see(10)
    in_child(see, 3)
    see(100)
    in_child(see_in_two, 1000)
    see(0)
