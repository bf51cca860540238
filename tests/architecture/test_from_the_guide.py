"""What the page for users of the guide names is there under that name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.cli import commands

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "from-the-guide.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def _text(pattern: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob(pattern)))


@pytest.mark.parametrize("alert", sorted(set(re.findall(r"^\|[^|]+\| `(\w+)`", _section("Alerts"), re.MULTILINE))))
def test_an_alert_that_is_named_has_a_rule_and_a_runbook(alert: str):
    """Each alert of the page is a rule, and has a runbook."""
    assert f"alert: {alert}\n" in _text("monitoring/alerts/*.yaml")
    assert (ROOT / "docs" / "runbooks" / f"{alert}.md").is_file()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\| `([a-z_]+\.[a-z_]+)` \|", _section("Metrics")))))
def test_a_business_metric_that_is_named_is_in_the_policy(name: str):
    """Each dotted instrument of the page is one of the reference."""
    assert f"| `{name}` |" in _text("docs/reference/metrics.md")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\| `((?:http_request|active_)[^`]+)` \|", PAGE))))
def test_a_metric_that_stays_is_documented(name: str):
    """Each metric that keeps its name is in the page on metrics or its reference, with the same labels."""
    assert f"| `{name}` |" in _text("docs/metrics.md") + _text("docs/reference/metrics.md")


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"`((?:OTEL|SENTRY|ENABLE|VITE)_[A-Z_]+)", PAGE))))
def test_a_variable_that_is_named_is_read(variable: str):
    """Each variable of the page is a setting, or one of the deployment's."""
    assert re.search(rf"\b{variable}\b", _text("docs/reference/settings.md") + _text(".env.example"))


def test_jobs_and_targets_are_those_of_prometheus():
    """Each scraped address of the page is the target of the job on its line."""
    jobs = {
        job["job_name"]: [target for each in job.get("static_configs", ()) for target in each["targets"]]
        for job in yaml_text.load(_text("monitoring/prometheus/prometheus.yml"))["scrape_configs"]
    }
    told = re.findall(r"job `([\w-]+)`(?: \| the same)?, at `([^`]+)`", _section("Prometheus and Grafana"))
    assert len(told) == 4
    assert [address in jobs[job] for job, address in told] == [True] * 4


def test_ports_are_published_on_the_loopback():
    """Each loopback port of the page is published there."""
    ports = re.findall(r"`127\.0\.0\.1:(\d+)`", PAGE)
    assert ports
    assert all(f'"127.0.0.1:{port}:' in _text("deploy/compose/telemetry.yml") for port in ports)


PANELS = re.findall(r"^\| [^|]+ \| `[^`]+` \| [^|]+ \| `(\w+\.json)`: ([^|]+) \|$", _section("Panels"), re.MULTILINE)


@pytest.mark.parametrize(("board", "title"), PANELS)
def test_a_panel_that_is_named_is_on_its_board(board: str, title: str):
    """Each panel that stands in for one of the guide's is on the board that the page names."""
    panels = json.loads(_text(f"monitoring/grafana/dashboards/{board}"))["panels"]
    assert title in {panel.get("title") for panel in panels}


def test_each_panel_of_the_guide_has_a_line():
    """The page has the fifteen queries of the guide's four dashboards."""
    assert len(PANELS) == _section("Panels").count("\n| ") - 1 == 15


def test_containers_have_no_names_of_their_own():
    """The compose files name no container, as the page says."""
    assert "container_name" not in _text("deploy/compose/*.yml") + _text("docker-compose*.yml")


def test_commands_and_files_exist():
    """Each command, file and dashboard of the page is there."""
    folder = Path(commands.__file__).parent
    for command in re.findall(r"pazpaz-otel (\w+)", PAGE):
        assert (folder / f"{command}.py").is_file() or (folder / command).is_dir(), command
    for file in re.findall(r"`(monitoring/[\w/.-]+)`", PAGE):
        assert (ROOT / file).is_file(), file
    for board in re.findall(r"`(\w+\.json)`", PAGE):
        assert (ROOT / "monitoring" / "grafana" / "dashboards" / board).is_file(), board
