"""Counts under faults: workers recycled and killed, the Collector and Prometheus killed, truth beside measurement."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.faults import truth
from tests.faults.application import WORKERS, CountingApplication
from tests.faults.load import Load
from tests.programs import Prometheus, wait_until
from tests.programs.stack import FEATURES, WallCollector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOUNDS = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5]
_MERGE = 1.0
"""Seconds within which a worker on a busy machine is sure to have merged what it counted."""
_WORKSPACES = 16
_AWAY = 10.0
"""Seconds for which Prometheus stays away: longer than a new series is shown as zero."""
_ROUND = 120.0
"""Seconds in which each kind of fault happens once at least."""
_SETTLED = 40
"""Queries without a change, a quarter of a second after each other."""
Fault = Literal["worker killed", "Collector killed", "Collector ended", "Prometheus killed"]


@dataclass
class Counted:
    """Truth and measurement of one run."""

    truth: truth.Truth
    measured: dict[str, float] = field(default_factory=dict)
    series: int = 0
    instances: int = 0
    durations: float = 0
    p95: float = 0
    sessions: float = 0
    sessions_truth: float = 0
    gauges: list[float] = field(default_factory=list)

    @property
    def error(self) -> float:
        """The share of events that are missing or too many, beyond what killed workers hadn't merged."""
        off = abs(sum(self.measured.values()) - self.truth.total)
        return max(0.0, off - self.truth.unmerged.total()) / self.truth.total

    @property
    def lost(self) -> float:
        """The share of events that are missing, with what killed workers hadn't merged."""
        return 1 - sum(self.measured.values()) / self.truth.total

    def off(self) -> dict[str, float]:
        """Return the workspaces that are wrong by more than one event beyond what killed workers hadn't merged."""
        found = {}
        for workspace, events in self.truth.by_workspace.items():
            missing = events - self.measured.get(workspace, 0)
            if missing < -1 or missing > 1 + self.truth.unmerged[workspace]:
                found[workspace] = missing
        return found

    def faults(self) -> list[str]:
        """Return what is out of bounds."""
        true_p95 = truth.quantile(self.truth.durations, 0.95)
        checks = {
            f"events are {self.error:.3%} off": self.error <= 0.001,
            f"workspaces are off: {self.off()}": not self.off(),
            f"{self.series} series of {len(self.truth.by_workspace)} workspaces": self.series
            <= 2 * len(self.truth.by_workspace),
            f"{self.durations} durations": 0
            <= self.truth.total - self.durations
            <= self.truth.unmerged.total() + 0.001 * self.truth.total,
            f"p95 is {self.p95}, not {true_p95}": truth.bucket(self.p95, BOUNDS) == truth.bucket(true_p95, BOUNDS),
            f"{self.sessions} sessions, not {self.sessions_truth}": self.sessions == self.sessions_truth,
            f"the database's gauge is {self.gauges}": len(self.gauges) == 1,
        }
        return [fault for fault, good in checks.items() if not good]

    def table(self) -> str:
        """Return truth beside measurement, for people."""
        rows = [
            ("events", self.truth.total, sum(self.measured.values())),
            ("of them in the last second of killed workers", self.truth.unmerged.total(), ""),
            ("share that is missing", "", f"{self.lost:.3%}"),
            ("workspaces off by more than one", 0, len(self.off())),
            ("series", len(self.truth.by_workspace), self.series),
            ("durations", self.truth.total, self.durations),
            ("p95", truth.quantile(self.truth.durations, 0.95), round(self.p95, 4)),
            ("sessions", self.sessions_truth, self.sessions),
            ("database gauges", 1, len(self.gauges)),
        ]
        return "\n".join(f"{name:40} {true!s:>12} {measured!s:>12}" for name, true, measured in rows)


@dataclass(frozen=True)
class Plan:
    """What one run does.

    Attributes:
        server: one of `SERVERS`.
        workers: of the server.
        seconds: of load.
        seed: decides which faults happen, and when.
    """

    server: str
    workers: int = WORKERS
    seconds: float = 60
    seed: int = 0

    def faults(self) -> list[tuple[float, Fault]]:
        """Return when each fault happens: in every two minutes, each kind once, and some of them again."""
        chance = random.Random(self.seed)
        kinds: list[Fault] = []
        for _ in range(max(1, int(self.seconds // _ROUND))):
            drawn: list[Fault] = ["worker killed", "Collector killed", "Prometheus killed"]
            drawn += chance.choices(["worker killed", "worker killed", "Collector ended"], k=chance.randint(0, 3))
            chance.shuffle(drawn)
            kinds += drawn
        at = [self.seconds * (0.1 + 0.7 * (number + chance.random()) / len(kinds)) for number in range(len(kinds))]
        return list(zip(at, kinds, strict=True))

    def recycle(self) -> int:
        """Return after how many requests a worker is replaced."""
        return random.Random(self.seed).randint(150, 400)


class _Scene:
    def __init__(self, collector: WallCollector, prometheus: Prometheus, application: CountingApplication) -> None:
        self.collector = collector
        self.prometheus = prometheus
        self.application = application
        self.killed: dict[int, float] = {}

    def happen(self, fault: Fault, load: Load) -> None:
        if fault == "worker killed":
            victim = self.application.worker()
            os.kill(victim, signal.SIGKILL)
            self.killed[victim] = time.time()
            return
        program = self.prometheus if fault == "Prometheus killed" else self.collector
        if fault == "Collector ended":
            program.stop()
        else:
            program.kill()
        # A workspace is seen for the first time, and never again, while nobody can be told.
        load.call(str(uuid.uuid4()), times=5)
        if program is self.prometheus:
            time.sleep(_AWAY)
        program.start()


def run(folder: Path, plan: Plan, *, say: Callable[[str], None] = lambda _: None) -> Counted:
    """Run one server under load and faults.

    Args:
        folder: of its own.
        plan: what happens.
        say: told what happens.
    """
    workspaces = [str(uuid.uuid4()) for _ in range(_WORKSPACES)]
    with WallCollector(folder / "collector") as collector:
        prometheus = Prometheus([collector.prometheus_target], folder / "prometheus", arguments=(FEATURES,))
        server = CountingApplication(
            folder / "application", plan.server, collector.guarded_http, recycle=plan.recycle(), workers=plan.workers
        )
        with prometheus.start(), server as application:
            started = time.time()
            scene = _Scene(collector, prometheus, application)
            with Load(application.port, workspaces, rate=15 * plan.workers) as load:
                for at, fault in plan.faults():
                    time.sleep(max(0.0, started + at - time.time()))
                    say(f"{time.time() - started:3.0f} s: {fault}")
                    scene.happen(fault, load)
                    load.call(str(uuid.uuid4()))
                time.sleep(max(0.0, started + plan.seconds - time.time()))
            window = f"{int(time.time() - started) + 120}s"
            _settle(prometheus, window, truth.read(application.truth, scene.killed, _MERGE))
            # A call whose caller gave up may have waited for a worker, and been counted after the load's end.
            counted = Counted(truth.read(application.truth, scene.killed, _MERGE))
            _measure(prometheus, window, counted, application)
    return counted


def _increase(metric: str, window: str, by: str = "") -> str:
    return f"sum {by} (increase({metric}[{window}] anchored))"


def _settle(prometheus: Prometheus, window: str, at_least: truth.Truth) -> None:
    expected = at_least.total - at_least.unmerged.total()
    last: list[float] = []

    def settled() -> bool:
        rows = prometheus.query(_increase("appointments_created_total", window))
        last.append(rows[0][1] if rows else 0)
        # All that was merged is there, and nothing has come for longer than a new series is shown as zero.
        return last[-1] >= expected and len(last) > _SETTLED and len(set(last[-_SETTLED:])) == 1

    try:
        wait_until(settled, "the counts", 60)
    except TimeoutError:
        return


def _measure(prometheus: Prometheus, window: str, counted: Counted, application: CountingApplication) -> None:
    rows = prometheus.query(_increase("appointments_created_total", window, "by (workspace_id)"))
    counted.measured = {labels["workspace_id"]: value for labels, value in rows}
    every = prometheus.query(f"count(last_over_time(appointments_created_total[{window}]))")
    counted.series = int(every[0][1])
    counted.durations = prometheus.query(_increase("visit_duration_seconds_count", window))[0][1]
    buckets = _increase("visit_duration_seconds_bucket", window, "by (le)")
    counted.p95 = prometheus.query(f"histogram_quantile(0.95, {buckets})")[0][1]
    wait_until(lambda: prometheus.query("active_websocket_sessions"), "the sessions")

    def agree() -> bool:
        # Workers that are being replaced have none for a moment.
        counted.sessions_truth = application.sessions()
        counted.sessions = prometheus.query("sum(active_websocket_sessions)")[0][1]
        return counted.sessions == counted.sessions_truth

    with contextlib.suppress(TimeoutError):
        wait_until(agree, "the sessions", 40)
    counted.gauges = [value for _, value in prometheus.query("active_workspaces_24h")]
