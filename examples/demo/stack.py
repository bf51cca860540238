"""`make demo-stack`: the traffic through a real Collector into a real Prometheus; the numbers come from PromQL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from rich.table import Table

from examples.demo import backend, show
from pazpaz_otel.audit.canaries import tokens_of
from pazpaz_otel.audit.scan import Scanner
from pazpaz_otel.audit.sinks import GrpcSink
from pazpaz_otel.audit.walk import walk
from pazpaz_otel.policy import load_policy
from tests.programs import Prometheus
from tests.programs.stack import TOKEN, WallCollector

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from examples.traffic.account import Account

_ARRIVED = 60


def run_stack(console: Console, folder: Path, seed: int) -> int:
    """Run it all; the exit code is 1 for a leak or a wrong number, 2 where a program can't be had."""
    policy = load_policy(backend.EXAMPLES / "practice_api" / "policy.yaml")
    console.print("Starting Collector and Prometheus; the first time they are built, which takes minutes …")
    try:
        with (
            GrpcSink() as traces,
            WallCollector(folder / "collector", policy=policy, traces_to=traces.endpoint) as collector,
            Prometheus([collector.prometheus_target], folder / "prometheus") as prometheus,
        ):
            settings = {
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.guarded_http,
                "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer {TOKEN}",
            }
            run = backend.run(folder, settings, seed=seed, scrape=False)
            wrong = _numbers(console, prometheus, run.account)
            for tree in show.trace_trees(show.spans_of(traces)):
                console.print(tree, "\n")
            leaks = _leaks(traces, collector.exposed(), collector.log, run)
    except pytest.skip.Exception as missing:
        console.print(str(missing))
        return 2
    console.print(f"strings planted {len(run.account.planted)}, leaks found {leaks}, wrong numbers {wrong}")
    return 1 if leaks or wrong else 0


def _numbers(console: Console, prometheus: Prometheus, account: Account) -> int:
    expected = {
        "sum(http_requests_total)": float(sum(account.requests.values())),
        "sum(appointments_created_total)": float(sum(account.appointments_created.values())),
        "sum(appointments_cancelled_total)": float(sum(account.appointments_cancelled.values())),
        "sum(session_notes_saved_total)": float(sum(account.session_notes_saved.values())),
    }
    for (method, route, status), count in sorted(account.requests.items()):
        if route and not route.startswith("/test"):
            labels = f'method="{method}",handler="{route}",status="{status}"'
            expected[f"sum(http_requests_total{{{labels}}})"] = float(count)
    del expected["sum(http_requests_total)"]
    table = Table(title="From Prometheus", title_justify="left", expand=True)
    for column in ("PromQL", "the traffic did", "Prometheus says"):
        table.add_column(column, overflow="fold")
    found: dict[str, float] = {}
    deadline = time.monotonic() + _ARRIVED
    while time.monotonic() < deadline and found != expected:
        found = {query: sum(value for _, value in prometheus.query(query)) for query in expected}
        time.sleep(0.5)
    for query, count in expected.items():
        table.add_row(query, f"{count:g}", f"{found[query]:g}", style="" if found[query] == count else "red")
    console.print(table, "\n")
    return sum(found[query] != count for query, count in expected.items())


def _leaks(traces: GrpcSink, exposed: str, log: str, run: backend.Run) -> int:
    scanner = Scanner({str(number): tokens_of(canary) for number, canary in enumerate(run.account.planted)})
    texts = [exposed, log, run.output.decode("utf-8", "replace")]
    for one in traces.received:
        if one.message is not None:
            texts += [value for _, value in walk(one.message) if isinstance(value, str)]
    return len({find for text in texts for line in text.splitlines() for find in scanner.text(line, "stack")})
