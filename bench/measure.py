"""CPU per request and memory of all variants, measured side by side.

Every run starts all variants anew and lets them take turns, one short measurement each, so that what else the machine
does falls on all of them alike.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bench.processes import Sink, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.variants import Variant

T = TypeVar("T")

ROUTES = ("/ping", "/db", "/log", "/composed", "/raise", "84 routes", "84 routes, /db")
# The guide's traces are a sample, in envelopes: they have nothing to be counted by.
_COUNTED = ("spans", "logs")


class LossError(RuntimeError):
    """Not everything that was recorded arrived: what is dropped costs nothing, so the numbers would flatter."""


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes:
        runs: how often all variants are started anew.
        starts: how often each variant is started at least, for what that costs.
        turns: measurements of each route and variant in a run.
        requests: in each measurement.
        warmup: requests to each route before any.
        routes: which of `ROUTES`.
        shares: route → what part of the requests is enough.
    """

    runs: int = 3
    starts: int = 9
    turns: int = 3
    requests: int = 1000
    warmup: int = 400
    routes: Sequence[str] = ROUTES
    shares: Mapping[str, float] = field(default_factory=lambda: {"/raise": 0.1})

    def of(self, route: str, requests: int) -> int:
        """How many of the requests are made to a route."""
        return max(1, round(requests * self.shares.get(route, 1)))


@dataclass
class Measured:
    """What came out: microseconds of CPU a request, what a request leaves, bytes of memory."""

    cpu: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    """(variant, route) → one number a measurement; the same index was measured side by side."""
    items: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    """(variant, route) → spans and log records a request."""
    resident: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    started: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """variant → seconds of CPU until the application was imported."""

    def total(self, variant: str, route: str) -> float:
        """Microseconds of CPU a request, median."""
        return statistics.median(self.cpu[variant, route])

    def added(self, variant: str, route: str, base: str = "bare") -> float:
        """Microseconds of CPU that a variant adds to another, median of the differences side by side."""
        pairs = zip(self.cpu[variant, route], self.cpu[base, route], strict=True)
        return statistics.median(one - other for one, other in pairs)

    def ratio(self, variant: str, route: str, base: str = "stock") -> float:
        """What a variant adds to the bare application, as a share of what another adds."""
        return self.added(variant, route) / self.added(base, route)

    def spread(self, variant: str, route: str) -> float:
        """Half the distance between the quartiles of what a variant adds, in microseconds."""
        pairs = zip(self.cpu[variant, route], self.cpu["bare", route], strict=True)
        added = [one - other for one, other in pairs]
        if len(added) < 4:  # noqa: PLR2004 - no quartiles
            return (max(added) - min(added)) / 2
        low, _, high = statistics.quantiles(added, n=4)
        return (high - low) / 2


def measure(variants: Sequence[Variant], plan: Plan, progress: Callable[[str], None] = lambda _: None) -> Measured:
    """Measures.

    Args:
        variants: among them `bare`.
        plan: how much.
        progress: told what is done, in words.

    Raises:
        LossError: a variant's spans or log records didn't all arrive.
        RuntimeError: a measured process ended.
    """
    measured = Measured()
    for run in range(plan.runs):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
            sink_core, core = _cores()
            sink = stack.enter_context(Sink(Path(folder), sink_core))
            workers = []
            for variant in variants:
                # By itself: others that start at the same time would take turns with it on the core.
                workers.append(stack.enter_context(Worker(variant, sink, Path(folder), core)))
                measured.started[variant.name].append(workers[-1].started())
            _run(workers, plan, measured, run, progress)
    _start(variants, plan, measured, progress)
    return measured


def _start(variants: Sequence[Variant], plan: Plan, measured: Measured, progress: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sink_core, core = _cores()
        with Sink(Path(folder), sink_core) as sink:
            for start in range(plan.runs, plan.starts):
                progress(f"start {start + 1} of {plan.starts}")
                for variant in _from(start, variants):
                    with Worker(variant, sink, Path(folder), core) as worker:
                        measured.started[variant.name].append(worker.started())


def _run(workers: list[Worker], plan: Plan, measured: Measured, run: int, progress: Callable[[str], None]) -> None:
    # What the start left behind has arrived.
    expected: dict[str, dict[str, float]] = {worker.variant.name: dict(worker.arrived()) for worker in workers}
    for worker in workers:
        for route in plan.routes:
            warmup = plan.of(route, plan.warmup)
            items = _items(worker, route, warmup)
            measured.items[worker.variant.name, route] = items
            _expect(expected[worker.variant.name], items, warmup + plan.of(route, plan.requests) * plan.turns)
    for turn in range(plan.turns):
        progress(f"run {run + 1} of {plan.runs}, turn {turn + 1} of {plan.turns}")
        for route in plan.routes:
            # Another first each time: whoever follows a heavy one finds the caches cold.
            for worker in _from(run + turn, workers):
                requests = plan.of(route, plan.requests)
                seconds = worker.cpu(route, requests)
                measured.cpu[worker.variant.name, route].append(seconds / requests * 1e6)
    for worker in workers:
        measured.resident[worker.variant.name].append(worker.resident())
        arrived = worker.arrived()
        for kind in _COUNTED:
            count = expected[worker.variant.name].get(kind, 0)
            if worker.variant.is_counted and arrived.get(kind, 0) != round(count):
                raise LossError(f"{worker.variant.name}: {arrived.get(kind, 0)} {kind} arrived, not {round(count)}")


def _from(turn: int, measured: Sequence[T]) -> list[T]:
    """Everything in its order, but with another first each turn."""
    first = turn % len(measured)
    return [*measured[first:], *measured[:first]]


def _items(worker: Worker, route: str, requests: int) -> dict[str, float]:
    before = worker.arrived()
    worker.cpu(route, requests)
    after = worker.arrived()
    items = {kind: (after.get(kind, 0) - before.get(kind, 0)) / requests for kind in _COUNTED}
    for kind, count in items.items():
        if worker.variant.is_counted and not count.is_integer():
            raise LossError(f"{worker.variant.name}: {count} {kind} a request on {route}")
    return items


def _expect(expected: dict[str, float], items: dict[str, float], requests: int) -> None:
    for kind, count in items.items():
        expected[kind] = expected.get(kind, 0) + count * requests


def _cores() -> tuple[int | None, int | None]:
    """A core for the sink, and another for who is measured."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[-1]) if len(cores) > 1 else (None, None)
