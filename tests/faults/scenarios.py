"""One fault at a time, with the real programs: what the callers notice, what is lost, and how it heals."""

from __future__ import annotations

import re
import time
import uuid
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.faults import truth
from tests.faults.application import WORKERS, CountingApplication
from tests.faults.happenings import BLOCKED, Scene
from tests.faults.load import Load, Outcome
from tests.faults.proxy import Proxy
from tests.programs import GrpcSink, Prometheus, wait_until
from tests.programs.stack import WallCollector

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.happenings import Fault

_HEALING: Final = 60.0
_CALM: Final = 5.0
_END: Final = 6.0
"""Seconds: container runtimes grant ten."""


@dataclass
class Found:
    """What one fault did."""

    name: str
    seconds: float
    before: Outcome
    during: Outcome
    events: int
    counted: float
    healed: float | None
    """Seconds from the fault's end until every event was counted."""
    spans: int
    arrived: int
    twice: int
    """Spans that arrived again: sent once more, as the answer to them was lost."""
    lost: float
    """Spans that the application says it lost, or of which the Collector took more than it sent."""

    def row(self) -> str:
        """Return a line of the table."""
        failed = f"{self.during.failed} of {len(self.during.latencies)}"
        p95 = f"{self.before.p95 * 1000:.0f} → {self.during.p95 * 1000:.0f} ms"
        healed = "not" if self.healed is None else f"{self.healed:.0f} s"
        return (
            f"| {self.name} | {self.seconds:.0f} s | {failed} | {p95} | {self.counted:.0f} of {self.events} | {healed}"
            f" | {self.arrived} of {self.spans} | {self.twice} | {self.lost:.0f} |"
        )

    def faults(self) -> list[str]:
        """Return what is out of bounds."""
        # A worker whose loop is blocked answers late, whatever its telemetry does.
        blocked = self.name == BLOCKED
        slower = self.during.p95 > max(1.0, 4 * self.before.p95)
        checks = {
            f"{self.during.failed} requests failed": self.during.failed == 0,
            f"requests took {self.during.p95:.2f} s instead of {self.before.p95:.2f} s": blocked or not slower,
            f"{self.counted:.0f} of {self.events} events are counted": self.counted == self.events,
            f"{self.spans - self.arrived - self.lost:.0f} spans are lost and not counted": self.arrived + self.lost
            >= self.spans,
        }
        return [f"{self.name}: {fault}" for fault, good in checks.items() if not good]


@dataclass
class Ended:
    """What a SIGTERM did while an export hung, and what the next start made of it."""

    seconds: float
    events: int
    counted: float
    sentry: bool

    def line(self) -> str:
        """Return a sentence of the page."""
        errors = ", and errors wait for Sentry behind it" if self.sentry else ""
        return (
            f"SIGTERM while an export hangs in a black hole{errors}: gunicorn and its {WORKERS} workers ended after"
            f" {self.seconds:.1f} s, and {self.counted:.0f} of {self.events} events were counted after their next"
            " start, from the kept ledger."
        )

    def faults(self) -> list[str]:
        """Return what is out of bounds."""
        late = [f"the application ended after {self.seconds:.1f} s"] if self.seconds > _END else []
        lost = [f"{self.counted:.0f} of {self.events} events outlived SIGTERM"] if self.counted != self.events else []
        return late + lost


def run(name: str, fault: Fault, folder: Path, *, seconds: float) -> Found:
    """Let one fault happen under load.

    Args:
        name: of the fault.
        fault: one of `happenings.FAULTS`, or some of them in a row.
        folder: of its own.
        seconds: of the fault.
    """
    with ExitStack() as stack:
        tempo = stack.enter_context(GrpcSink())
        behind = stack.enter_context(Proxy(int(tempo.endpoint.rpartition(":")[2])))
        collector = stack.enter_context(fault.collector(folder / "collector", behind.endpoint))
        proxy = stack.enter_context(Proxy(int(collector.guarded_http.rpartition(":")[2])))
        prometheus = stack.enter_context(Prometheus([collector.prometheus_target], folder / "prometheus"))
        application = stack.enter_context(
            CountingApplication(
                folder / "application",
                "gunicorn",
                proxy.endpoint,
                workers=2,
                environment={
                    "PAZPAZ_OTEL_SCRAPE_INTERVAL": "0",
                    "OTEL_BSP_SCHEDULE_DELAY": "500",
                    **fault.environment(folder),
                },
            )
        )
        scene = Scene(folder, collector, proxy, behind, prometheus, application)
        workspaces = [str(uuid.uuid4()) for _ in range(8)]
        with Load(application.port, workspaces, rate=40) as calm:
            time.sleep(_CALM)
        with Load(application.port, workspaces, rate=40) as load:
            fault.happen(scene, seconds)
            ended = time.monotonic()
            time.sleep(_CALM)
        events = truth.read(application.truth, {}, 0).total
        healed = None
        with suppress(TimeoutError):
            wait_until(lambda: _seen(prometheus) == events, "the counts", _HEALING)
            healed = max(0.0, time.monotonic() - ended - _CALM)
        calls = len(calm.outcome.latencies) + len(load.outcome.latencies)
        calls -= calm.outcome.failed + load.outcome.failed
        lost = _settled_loss(collector, tempo, calls)
        counted = _seen(prometheus)
        visits = _visits(tempo)
        arrived = len(visits)
        twice = visits.total() - arrived
        return Found(name, seconds, calm.outcome, load.outcome, events, counted, healed, calls, arrived, twice, lost)


def terminated_while_it_sends(folder: Path, *, sentry: bool = False, workers: int = WORKERS) -> Ended:
    """Send SIGTERM while the endpoint is a black hole, and start again with the ledger that was kept.

    Args:
        folder: of its own.
        sentry: let errors wait for Sentry behind the same hole.
        workers: of the server.
    """
    with WallCollector(folder / "collector") as collector:
        port = int(collector.guarded_http.rpartition(":")[2])
        kept = {"PAZPAZ_OTEL_SCRAPE_INTERVAL": "0", "PAZPAZ_OTEL_LEDGER": str(folder / "kept")}
        with Proxy(port) as proxy:
            told = {"SENTRY_DSN": f"http://key@127.0.0.1:{proxy.port}/1"} if sentry else {}
            application = CountingApplication(
                folder / "application", "gunicorn", proxy.endpoint, workers=workers, environment={**kept, **told}
            )
            with application:
                with Load(application.port, [str(uuid.uuid4())], rate=40):
                    time.sleep(_CALM)
                    proxy.become("black hole")
                    for _ in range(2 * workers):
                        application.ask("/fail")
                    time.sleep(2)
                started = time.monotonic()
                application.stop(60, alone=True)
                took = time.monotonic() - started
            events = truth.read(application.truth, {}, 0).total
            proxy.become("pass")
            again = CountingApplication(folder / "again", "gunicorn", proxy.endpoint, workers=2, environment=kept)
            with again, suppress(TimeoutError):
                wait_until(lambda: _counted(collector) == events, "the counts of the first run", _HEALING)
            return Ended(took, events, _counted(collector), sentry)


def _seen(prometheus: Prometheus) -> float:
    """Return the events by the end of the way: what Prometheus has."""
    rows = prometheus.query("sum(appointments_created_total)")
    return rows[0][1] if rows else 0


def _counted(collector: WallCollector) -> float:
    try:
        page = collector.exposed()
    except OSError:
        return 0
    return sum(float(value) for value in re.findall(r"^appointments_created_total\{[^}]*\} (\S+)", page, re.MULTILINE))


def _lost(collector: WallCollector) -> float:
    pattern = (
        r'^pazpaz_otel_guard_dropped_total\{[^}]*reason="(?:export_failed|queue_full)"[^}]*surface="span"[^}]*\} (\S+)'
    )
    return sum(float(value) for value in re.findall(pattern, collector.exposed(), re.MULTILINE))


def _visits(tempo: GrpcSink) -> Counter[bytes]:
    """Return how often each request's span arrived."""
    return Counter(
        span.span_id
        for message in tempo.messages(ExportTraceServiceRequest)
        for of_resource in message.resource_spans
        for of_scope in of_resource.scope_spans
        for span in of_scope.spans
        if span.name.startswith("POST ")
    )


def _settled_loss(collector: WallCollector, tempo: GrpcSink, calls: int) -> float:
    try:
        wait_until(
            lambda: len(_visits(tempo)) + _lost(collector) >= calls,
            "the spans, or the count of those lost",
            _HEALING,
        )
    except TimeoutError:
        return _lost(collector) + _lost_inside(collector)
    return _lost(collector)


def _lost_inside(collector: WallCollector) -> float:
    """Return how many spans more the Collector says it took than it says it sent."""
    page = collector.own_metrics()
    taken, sent = (
        sum(float(value) for value in re.findall(rf"^otelcol_{name}_total\{{[^}}]*\}} (\S+)", page, re.MULTILINE))
        for name in ("receiver_accepted_spans", "exporter_sent_spans")
    )
    return max(0.0, taken - sent)
