"""The whole way: the reference backend with two workers, the shipped Collector, a real Prometheus."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from examples.traffic import Account, Plan, drive
from pazpaz_otel.audit.scan import Scanner
from pazpaz_otel.policy import load_policy
from tests.integration.backend import Backend
from tests.programs import GrpcSink, HttpSink, Prometheus, wait_until
from tests.programs.golang import ROOT
from tests.programs.stack import TOKEN, WallCollector

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]

PLAN = Plan(workspaces=4, clients=4, appointments=3, faults=True)


@dataclass
class Day:
    """What was done, and where it can be read."""

    account: Account
    prometheus: Prometheus
    collector: WallCollector
    backend: Backend
    tempo: GrpcSink
    loki: HttpSink

    def counts(self, metric: str, *labels: str) -> Counter[tuple[str, ...]]:
        """`sum by (labels) (metric)`, without the series that are zero."""
        rows = self.prometheus.query(f"sum by ({', '.join(labels)}) ({metric})")
        return Counter({tuple(row.get(label, "") for label in labels): int(value) for row, value in rows if value})


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A day's traffic through two workers, until Prometheus has seen all of it."""
    folder = tmp_path_factory.mktemp("day")
    policy = load_policy(ROOT / "examples" / "practice_api" / "policy.yaml")
    with (
        GrpcSink() as tempo,
        HttpSink() as loki,
        WallCollector(
            folder / "collector", policy=policy, traces_to=tempo.endpoint, logs_to=loki.endpoint
        ) as collector,
    ):
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.guarded_http,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{TOKEN}",
            "OTEL_METRIC_EXPORT_INTERVAL": "1000",
            "PAZPAZ_OTEL_SCRAPE_INTERVAL": "1",
            "OTEL_SERVICE_NAME": "practice-api",
            "ACTIVE_WORKSPACES_REFRESH_SECONDS": "2",
        }
        with (
            Prometheus([collector.prometheus_target], folder / "prometheus") as prometheus,
            Backend(folder / "backend", environment, workers=2, instrumented=True) as backend,
        ):
            account = asyncio.run(drive(backend.url, PLAN))
            day = Day(account, prometheus, collector, backend, tempo, loki)
            total = account.requests.total()
            wait_until(
                lambda: day.counts("http_requests_total").total() >= total, f"{total} requests in Prometheus", 60
            )
            yield day


def test_requests_by_route_and_status(day: Day) -> None:
    """The guide's `http_requests_total` is what the driver did, exactly: by method, route and status."""
    done = Counter({(method, route, str(status)): n for (method, route, status), n in day.account.requests.items()})
    assert day.counts("http_requests_total", "method", "handler", "status") == done


def test_durations_by_route_and_status(day: Day) -> None:
    """The semantic conventions' histogram, and the guide's, have counted the same requests."""
    done = Counter({(method, route, str(status)): n for (method, route, status), n in day.account.requests.items()})
    labels = ("http_request_method", "http_route", "http_response_status_code")
    assert day.counts("http_server_request_duration_seconds_count", *labels) == done
    by_route: Counter[tuple[str, ...]] = Counter()
    for (method, route, _), number in done.items():
        by_route[method, route] += number
    assert day.counts("http_request_duration_seconds_count", "method", "handler") == by_route


def test_business_by_workspace(day: Day) -> None:
    """The guide's business counters are what the driver did, exactly: by workspace, and by reason."""
    account = day.account
    created = Counter({(workspace,): n for workspace, n in account.appointments_created.items()})
    saved = Counter({(workspace,): n for workspace, n in account.session_notes_saved.items()})
    assert day.counts("appointments_created_total", "workspace_id") == created
    assert day.counts("session_notes_saved_total", "workspace_id") == saved
    assert day.counts("appointments_cancelled_total", "workspace_id", "reason") == account.appointments_cancelled


def test_the_workers_are_one_instance(day: Day) -> None:
    """However many workers counted, a series is there once."""
    assert len(day.counts("http_requests_total", "instance")) == 1


def test_gauges(day: Day) -> None:
    """Nobody is connected any more, nothing is in progress, and every workspace had a write."""
    wait_until(lambda: not day.counts("active_websocket_sessions"), "the WebSockets to be counted down")
    wait_until(lambda: not day.counts("http_requests_inprogress", "handler"), "the requests to end")
    expected = len(day.account.workspaces)

    def read() -> bool:
        return [value for _, value in day.prometheus.query("max(active_workspaces_24h)")] == [expected]

    assert wait_until(read, "the database's gauge", 60)


def test_nobody_is_named(day: Day) -> None:
    """No planted string is in anything that the Collector exposes or sends on; spans and records do arrive."""
    assert day.tempo.wait_for(bool, 20)
    assert day.loki.wait_for(bool, 20)
    scanner = Scanner({f"{number} {one.category}": one.tokens for number, one in enumerate(day.account.planted)})
    out = {
        "prometheus": day.collector.exposed().encode(),
        "own metrics": day.collector.own_metrics().encode(),
        "collector's log": day.collector.log.encode(),
        "traces": b"\n".join(one.body for one in day.tempo.received),
        "logs": b"\n".join(one.body for one in day.loki.received),
    }
    found = sorted(
        {f"{find.plant} → {find.where}" for where, data in out.items() for find in scanner.data(data, where)}
    )
    assert not found, "\n".join(found)


def test_the_wall_agrees_with_the_guards(day: Day) -> None:
    """What the guards let out, the wall lets through unchanged, and it knows the sender's policy."""
    page = day.collector.own_metrics()
    dropped = [line for line in page.splitlines() if line.startswith("pazpaz_otel_wall_dropped_total{")]
    assert dropped
    assert [line for line in dropped if not line.endswith(" 0")] == []
    states = {row["pazpaz_otel_policy_state"] for row, _ in day.prometheus.query("target_info")}
    assert states == {"current"}
