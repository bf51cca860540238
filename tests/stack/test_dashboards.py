"""Every query of every panel in a real Prometheus that scraped the real programs while the backend was under load.

cadvisor's metrics are a page in cadvisor's own format (`recorded/cadvisor.prom`): it needs containers. The AI agent's
are those that the ready policy declares, as an application that keeps them in prometheus_client shows them.
"""

from __future__ import annotations

import itertools
import json
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.programs import wait_until
from tests.programs.running import get
from tests.stack.agent import Agent
from tests.stack.load import Load
from tests.stack.monitoring_stack import MonitoringStack

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BOARDS = sorted((ROOT / "monitoring" / "grafana" / "dashboards").glob("*.json"))
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("[A-Z]*.md"))
EMPTY_WHEN_ALL_IS_WELL = {
    "otelcol_exporter_enqueue_failed_",
    "otelcol_exporter_send_failed_spans",
    "otelcol_exporter_send_failed_metric_points",
}
"""Counters that the Collector makes at the first loss; the one for logs stands for them here."""
VARIABLES = {
    "$environment": "production", "$service": ".*",
    "$instance": ".*", "$route": ".*", "$__range": "60s", "$__rate_interval": "10s",
}  # fmt: skip

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]


def targets() -> Iterator[Any]:
    """Every query of every panel, as a test's parameter."""
    for file in BOARDS:
        for panel in json.loads(file.read_text())["panels"]:
            for target in _asked_of_prometheus(panel):
                yield pytest.param(panel, target["expr"], id=f"{file.stem}/{panel['title']}/{target['refId']}")


def _asked_of_prometheus(panel: dict[str, Any]) -> list[dict[str, Any]]:
    return [target for target in panel.get("targets", []) if target["datasource"]["type"] == "prometheus"]


def fill(expression: str) -> str:
    """Put values in the place of Grafana's variables."""
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression
    return expression


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonitoringStack]:
    """The stack after traffic of every kind, with more of it going on."""
    folder = tmp_path_factory.mktemp("dashboards")
    with MonitoringStack(folder) as running, Load(running.backend.url, pause=0.2) as load:
        command = [sys.executable, "-m", "traffic", running.backend.url, "--faults"]
        subprocess.run(command, cwd=ROOT / "examples", check=True, capture_output=True)
        load.errors = 0.1
        running.loki.status = 400
        stop = threading.Event()
        threading.Thread(target=use_the_stores, args=(running, stop), daemon=True).start()
        ready = "count(increase(http_server_request_duration_seconds_count[60s] anchored) > 100)"
        wait_until(lambda: running.prometheus.query(ready), "traffic in Prometheus", 90)
        wait_until(
            lambda: running.prometheus.query("count_over_time(service:http_requests:rate5m[2m]) > 20"), "rules", 90
        )
        yield running
        stop.set()


def use_the_stores(stack: MonitoringStack, stop: threading.Event) -> None:
    """Look keys up in Redis, run a statement that is slow, ask the AI agent; some visitors don't wait for answers."""
    stack.redis.app("set", "greeting", "hello")
    agent = Agent()
    statuses = itertools.cycle((*["499"] * 9, "502"))
    while not stop.wait(0.2):
        _say_as_nginx(stack.collector.statuses, next(statuses))
        stack.spare.text = agent.work()
        stack.redis.app("get", "greeting")
        stack.redis.app("get", "nothing")
        stack.database.app("SELECT pg_sleep(0.3)")


def _say_as_nginx(address: str, status: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(f"<190>Nov 26 04:20:00 nginx: {status}".encode(), (host, int(port)))


@pytest.mark.parametrize(("panel", "expression"), list(targets()))
def test_panel_shows_data(stack: MonitoringStack, panel: dict, expression: str) -> None:
    """The query is valid, and with the stack under load it returns a number."""
    expression = fill(expression)
    if any(name in expression for name in EMPTY_WHEN_ALL_IS_WELL):
        stack.prometheus.query(expression)
        return

    def rows() -> list[float]:
        return [value for _, value in stack.prometheus.query(expression) if value == value]  # noqa: PLR0124 (NaN)

    values = wait_until(rows, f"{panel['title']}: {expression}", 60)
    if panel["fieldConfig"]["defaults"]["unit"] == "percentunit" and panel["fieldConfig"]["defaults"].get("max") == 1:
        assert all(-0.01 <= value <= 1.01 for value in values), values


GUIDE = re.findall(
    r"^\| [^|]+ \| `([^`]+)` \| (yes|no)\b", (ROOT / "docs/from-the-guide.md").read_text("utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("query", "told"), GUIDE)
def test_a_query_of_the_guide_has_rows_where_the_page_says_so(stack: MonitoringStack, query: str, told: str) -> None:
    """Asked as it stands in the guide, a query returns rows, or none where its page says why."""
    if told == "yes":
        wait_until(lambda: stack.prometheus.query(query), query, 20)
    else:
        assert stack.prometheus.query(query) == []


def test_counts_are_exact(stack: MonitoringStack) -> None:
    """The business panels count what was done, to the last one: an anchored increase of whole numbers is whole."""
    query = fill("sum(increase(appointments_created_total[10m] anchored))")
    created = stack.prometheus.query("sum(appointments_created_total)")[0][1]
    assert stack.prometheus.query(query) == [({}, created)]


@pytest.mark.parametrize("variable", ["environment", "service", "instance", "route"])
def test_variables_offer_values(stack: MonitoringStack, variable: str) -> None:
    """Each variable's list has something to choose."""
    for file in BOARDS:
        for entry in json.loads(file.read_text())["templating"]["list"]:
            if entry["name"] == variable:
                selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", entry["query"]["query"]).groups()
                query = f"group by ({label}) ({fill(selector)})"
                assert any(labels.get(label) for labels, _ in stack.prometheus.query(query)), (file.stem, query)


def test_exemplars_lead_to_traces(stack: MonitoringStack) -> None:
    """Prometheus holds exemplars of the latency histogram, with the trace id that the datasource looks for."""
    query = {"query": "http_server_request_duration_seconds_bucket", "start": time.time() - 300, "end": time.time()}

    def found() -> list[dict]:
        status, body = get(f"{stack.prometheus.url}/api/v1/query_exemplars?{urllib.parse.urlencode(query)}")
        assert status == 200, body
        return [exemplar for series in json.loads(body)["data"] for exemplar in series["exemplars"]]

    exemplars = wait_until(found, "an exemplar", 20)
    assert all(re.fullmatch("[0-9a-f]{32}", exemplar["labels"]["trace_id"]) for exemplar in exemplars)


def test_deploys_are_marked(stack: MonitoringStack) -> None:
    """A version that wasn't there two minutes before is an annotation."""
    board = json.loads(BOARDS[0].read_text())
    expression = next(entry["expr"] for entry in board["annotations"]["list"] if entry["name"] == "Deploys")
    assert "target_info" in expression
    stack.prometheus.query(fill(expression))
    assert stack.prometheus.query('target_info{service_version="1.2.3"}')


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_queries_of_runbooks_are_valid(stack: MonitoringStack, page: Path) -> None:
    """Whoever pastes a query from a runbook gets an answer, not an error."""
    for query in re.findall(r"```promql\n(.+?)\n```", page.read_text(), re.DOTALL):
        stack.prometheus.query(query)


def test_no_metric_carries_a_containers_labels(stack: MonitoringStack) -> None:
    """What cadvisor says of containers arrives without their labels, paths and images, under their names."""
    rows = stack.prometheus.query("container_memory_working_set_bytes")
    assert {labels["name"] for labels, _ in rows} == {"pazpaz-api-1", "pazpaz-db-1", "pazpaz-prometheus-1"}
    assert all(labels.keys() == {"__name__", "name", "environment", "instance", "job"} for labels, _ in rows)
