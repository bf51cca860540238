"""`python -m bench.growth`: what more routes, more workspaces and more distinct values cost, in CPU and in memory.

Exits with 1 where something grows past its bound.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench.processes import Child, Sink
from bench.variants import WORKER, variants

if TYPE_CHECKING:
    from bench.variants import Variant

_PROGRAM: Final = WORKER.parent / "growth_worker.py"
_COST: Final = 1.5
"""By how much a request, or a measurement, may cost more: timings of a busy machine vary by a third."""
_MEMORY: Final = {"routes": 32.0, "workspaces": 24.0, "values": 16.0, "series": 32.0}
"""Megabytes that may be added."""
_QUEUE: Final = {"OTEL_BSP_MAX_QUEUE_SIZE": "4096", "OTEL_BLRP_MAX_QUEUE_SIZE": "4096"}


@dataclass(frozen=True)
class Grown:
    """One thing, few and many of it.

    Attributes:
        what: there is more of.
        counts: how many.
        micros: CPU of a request or a measurement, the bare application's taken off; of a series of the ledger's sums.
        megabytes: resident, the bare application's taken off.
    """

    what: str
    counts: tuple[int, int]
    micros: tuple[float, float]
    megabytes: tuple[float, float]

    @property
    def added(self) -> float:
        """Megabytes that many take more than few."""
        return self.megabytes[1] - self.megabytes[0]

    @property
    def allowed(self) -> float:
        """Megabytes that may be added."""
        return _MEMORY[self.what]

    def faults(self) -> list[str]:
        """Return what is out of bounds."""
        dearer = self.micros[1] / self.micros[0]
        checks = {
            f"{self.what}: {dearer:.2f} times the CPU": dearer <= _COST,
            f"{self.what}: {self.added:.1f} MB more": self.added <= self.allowed,
        }
        return [fault for fault, good in checks.items() if not good]


def measure(routes: int, workspaces: int, values: int, *, turns: int = 3) -> list[Grown]:
    """Measure each growth, in processes of its own.

    Args:
        routes: of the large application.
        workspaces: that a counter sees.
        values: distinct ones, in requests' paths, queries and headers, attributes and log lines.
        turns: how often routes and workspaces are measured for CPU; 0 for their memory alone.
    """
    bare, ours = variants(("bare", "ours"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="growth-")))
        sink = stack.enter_context(Sink(folder, None))

        def ask(variant: Variant, what: str, *counts: int) -> list[tuple[float, float]]:
            environment = {**variant.variables(sink.address, folder, None), **_QUEUE}
            command = variant.command(str(_PROGRAM), str(turns), what, *map(str, counts))
            with Child(command, environment, folder / f"{what}-{variant.name}.log") as child:
                return [tuple(found) for found in json.loads(child.line())]

        few, many = (ask(ours, "routes", count)[0] for count in (3, routes))
        few_bare, many_bare = (ask(bare, "routes", count)[0] for count in (3, routes))
        added = [(one[0] - other[0], one[1] - other[1]) for one, other in ((few, few_bare), (many, many_bare))]
        counted = ask(ours, "workspaces", 1, workspaces)
        valued = ask(ours, "values", values // 10, values)
        summed = ask(ours, "series", 1_000, workspaces)
    return [
        _grown("routes", (3, routes), added),
        _grown("workspaces", (1, workspaces), counted),
        _grown("values", (values // 10, values), valued),
        _grown("series", (1_000, workspaces), summed),
    ]


def _grown(what: str, counts: tuple[int, int], found: list[tuple[float, float]]) -> Grown:
    (first, before), (last, after) = found
    return Grown(what, counts, (first, last), (before, after))


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser("python -m bench.growth", description=__doc__)
    parser.add_argument("--routes", type=int, default=1_000)
    parser.add_argument("--workspaces", type=int, default=100_000)
    parser.add_argument("--values", type=int, default=10_000_000, help="distinct values; ten in a request")
    given = parser.parse_args()
    grown = measure(given.routes, given.workspaces, given.values)
    table = Table("what", "few", "many", "µs, few", "µs, many", "MB, few", "MB, many")
    for one in grown:
        numbers = (*(f"{micros:.1f}" for micros in one.micros), *(f"{size:.1f}" for size in one.megabytes))
        table.add_row(one.what, *(f"{count:,}" for count in one.counts), *numbers)
    console = Console()
    console.print(table)
    faults = [fault for one in grown for fault in one.faults()]
    console.print("\n".join(faults) or "within bounds")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
