"""The results as a table for people, as JSON for programs, and against their targets."""

from __future__ import annotations

import platform
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measure import Measured

_MEGABYTE = 1e6


@dataclass(frozen=True)
class Target:
    """A promise and what was measured of it.

    Attributes:
        promise: in words.
        goal: what is aimed at, on a machine with nothing else to do.
        limit: what `--check` lets pass; generous, as a busy machine measures more.
        measured: here.
    """

    promise: str
    goal: float
    limit: float
    measured: float

    @property
    def kept(self) -> bool:
        """Whether it is within the limit."""
        return self.measured <= self.limit


RATIOS = {
    "/ping": (0.15, 0.25),
    "/db": (0.25, 0.4),
    "/log": (0.3, 0.5),
    "84 routes": (0.15, 0.3),
    "84 routes, /db": (0.25, 0.5),
}
"""route → what ours may add of what stock adds: the goal, and the limit."""


@dataclass
class Results:
    """Everything that was measured."""

    measured: Measured
    variants: Sequence[str]
    routes: Sequence[str]
    redaction: float | None
    served: dict[tuple[str, str], float] | None
    python: str = platform.python_version()

    def resident(self, variant: str) -> float:
        """Megabytes of memory, median of the runs."""
        return statistics.median(self.measured.resident[variant]) / _MEGABYTE

    def started(self, variant: str) -> float:
        """Seconds of CPU until the application was imported, median of the runs."""
        return statistics.median(self.measured.started[variant])

    def targets(self) -> list[Target]:
        """Every promise that these results can judge."""
        names, found = set(self.variants), []
        if {"bare", "stock", "ours"} <= names:
            for route, (goal, limit) in RATIOS.items():
                if route in self.routes:
                    ratio = self.measured.ratio("ours", route)
                    found.append(Target(f"{route}: added CPU, ours / stock", goal, limit, ratio))
            found.append(Target("memory: MB more than stock", -5, 10, self.resident("ours") - self.resident("stock")))
            found.append(Target("start: CPU, ours / stock", 1, 2.5, self.started("ours") / self.started("stock")))
            for path, goal, limit in (("/ping", 0.7, 0.5), ("/db", 0.8, 0.65)):
                if self.served:
                    rate = self.served["ours", path] / self.served["bare", path]
                    lost = f"{path}: requests a second that uvicorn loses, of bare's"
                    found.append(Target(lost, 1 - goal, 1 - limit, 1 - rate))
        if {"ours", "ours+sentry"} <= names and "/ping" in self.routes:
            added = self.measured.added("ours+sentry", "/ping", base="ours")
            found.append(Target("/ping without an error: CPU that Sentry adds to ours, µs", 10, 25, added))
        if self.redaction is not None:
            found.append(Target("redaction of a span of ten attributes, µs", 5, 15, self.redaction))
        return found


def print_tables(results: Results, console: Console | None = None) -> None:
    """Prints what was measured and which targets hold."""
    console = console or Console()
    console.print(_cpu(results))
    console.print(_memory(results))
    table = Table(title="Targets", title_justify="left")
    for column in ("promise", "goal", "at most", "measured", ""):
        table.add_column(column, justify="left" if column == "promise" else "right")
    for target in results.targets():
        verdict = "[green]kept[/]" if target.kept else "[red]broken[/]"
        table.add_row(target.promise, f"{target.goal:g}", f"{target.limit:g}", f"{target.measured:.2f}", verdict)
    console.print(table)
    console.print(f"{platform.python_implementation()} {results.python}, {platform.system()}")


def as_json(results: Results) -> dict[str, Any]:
    """The same, for programs; CPU in microseconds a request, memory in bytes."""
    measured = results.measured
    return {
        "python": results.python,
        "cpu": {
            route: {
                name: {
                    "total": round(measured.total(name, route), 1),
                    "added": round(measured.added(name, route), 1),
                    "spread": round(measured.spread(name, route), 1),
                    **measured.items[name, route],
                }
                for name in results.variants
            }
            for route in results.routes
        },
        "resident": {name: statistics.median(measured.resident[name]) for name in results.variants},
        "started": {name: round(results.started(name), 3) for name in results.variants},
        "redaction": results.redaction,
        "served": {f"{name} {path}": rate for (name, path), rate in (results.served or {}).items()} or None,
        "targets": [
            {"promise": t.promise, "goal": t.goal, "limit": t.limit, "measured": round(t.measured, 3), "kept": t.kept}
            for t in results.targets()
        ],
    }


def _cpu(results: Results) -> Table:
    table = Table(title="CPU a request, µs, whole process, export included", title_justify="left")
    for column in ("route", "variant", "total", "added", "±", "of stock", "spans", "logs"):
        table.add_column(column, justify="left" if column in {"route", "variant"} else "right")
    measured = results.measured
    for route in results.routes:
        for name in results.variants:
            items = measured.items[name, route]
            bare = name == "bare"
            compared = not bare and {"bare", "stock"} <= set(results.variants)
            table.add_row(
                route if name == results.variants[0] else "",
                name,
                f"{measured.total(name, route):.0f}",
                "" if bare else f"{measured.added(name, route):.0f}",
                "" if bare else f"{measured.spread(name, route):.0f}",
                f"{measured.ratio(name, route):.2f}" if compared else "",
                f"{items['spans']:.3g}",
                f"{items['logs']:.3g}",
            )
        table.add_section()
    return table


def _memory(results: Results) -> Table:
    table = Table(title="Memory after the same load, and requests a second under uvicorn", title_justify="left")
    paths = sorted({path for _, path in results.served or {}}, reverse=True)
    for column in ("variant", "resident MB", "start s", *(f"{path} /s" for path in paths)):
        table.add_column(column, justify="left" if column == "variant" else "right")
    for name in results.variants:
        served = results.served or {}
        rates = [f"{served[name, path]:.0f}" if (name, path) in served else "" for path in paths]
        table.add_row(name, f"{results.resident(name):.1f}", f"{results.started(name):.2f}", *rates)
    return table
