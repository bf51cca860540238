"""The long-term store of `deploy/kubernetes`: a real VictoriaMetrics takes the expressions, and counts as exactly."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import pytest
import yaml

from monitoring.alerting import render_rules
from pazpaz_otel import yaml_text
from scripts.kubernetes.long_term import in_metricsql
from tests.programs import Program, free_port, wait_until
from tests.programs.golang import ROOT, victoriametrics_binary
from tests.programs.running import get
from tests.stack.test_dashboards import fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.stack

_STEP = 15
_NAME = "appointments_created_total"


class LongTermStore(Program):
    """VictoriaMetrics in one process."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        options = [f"-storageDataPath={folder / 'data'}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=5y"]
        super().__init__([str(victoriametrics_binary()), *options], folder, name="victoria-metrics")

    def ready(self) -> bool:
        """Whether it serves."""
        return get(f"{self.url}/health")[0] == 200

    def keep(self, lines: list[str]) -> None:
        """Take samples in Prometheus' text format, with milliseconds."""
        body = "\n".join(lines).encode() + b"\n"
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/api/v1/import/prometheus", body), timeout=10)
        get(f"{self.url}/internal/force_flush")

    def query(self, expression: str, at: float) -> tuple[int, dict[str, float]]:
        """Return the status of a query, and the value of each workspace."""
        options = urllib.parse.urlencode({"query": expression, "time": at, "nocache": 1})
        status, body = get(f"{self.url}/api/v1/query?{options}")
        rows = json.loads(body)["data"]["result"] if status == 200 else []
        return status, {row["metric"].get("workspace_id", ""): float(row["value"][1]) for row in rows if row["metric"]}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LongTermStore]:
    """One store for all of these."""
    with LongTermStore(tmp_path_factory.mktemp("long-term")) as running:
        yield running


def test_counts_are_exact_and_windows_add_up(store: LongTermStore):
    """A window counts what happened in it, a counter that was born or started anew in it included."""
    end = int(time.time()) // 3600 * 3600 - 3600
    times = range(end - 7200, end + 1, _STEP)
    # Counted by hand: every event's time. The second is born late, as zero; the third starts anew halfway.
    steady = {at: number for number, at in enumerate(times)}
    late = {at: (at - end + 1800) // _STEP * 2 for at in times if at >= end - 1800}
    anew = {at: number % 300 for number, at in enumerate(times)}
    values = {"steady": steady, "late": late, "anew": anew}
    store.keep(
        [
            f'{_NAME}{{workspace_id="{name}"}} {value} {at * 1000}'
            for name, samples in values.items()
            for at, value in samples.items()
        ]
    )

    def truth(name: str, start: int, stop: int) -> int:
        before, total = None, 0
        for at, value in sorted(values[name].items()):
            if before is not None and start < at <= stop:
                total += value - before if value >= before else value
            before = value
        return total

    expression = in_metricsql(f"sum by (workspace_id) (increase({_NAME}[1h] anchored))")
    wait_until(lambda: len(store.query(expression, end)[1]) == 3, "the samples")
    for stop in (end, end - 3600):
        _, measured = store.query(expression, stop)
        assert measured == {name: truth(name, stop - 3600, stop) for name in measured}
    whole = store.query(in_metricsql(f"sum by (workspace_id) (increase({_NAME}[2h] anchored))"), end)[1]
    assert whole == {name: truth(name, end - 7200, end) for name in values}


def _expressions() -> Iterator[tuple[str, str]]:
    text = (ROOT / "deploy/kubernetes/components/long-term-store/dashboards.yaml").read_text(encoding="utf-8")
    for config_map in yaml.load_all(text, Loader=yaml_text.LOADER):
        for file, board in config_map["data"].items():
            for panel in json.loads(board)["panels"]:
                for target in panel.get("targets", []):
                    if target["datasource"]["type"] == "prometheus":
                        yield f"{file}: {panel['title']}", fill(target["expr"])
    for file, rules in render_rules().items():
        for group in yaml_text.load(rules)["groups"]:
            yield from ((f"{file}: {group['name']}", rule["expr"]) for rule in group["rules"])


def test_it_takes_every_expression(store: LongTermStore):
    """Each query of its dashboards, and each of the rules, is one of its language."""
    expressions = list(_expressions())
    assert len(expressions) > 100
    refused = {where: text for where, text in expressions if store.query(text, time.time())[0] != 200}
    assert refused == {}
    assert store.query("increase(x[1h] anchored)", time.time())[0] != 200
