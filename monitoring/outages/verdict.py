"""What the shipped rules and routes make of an outage."""

from __future__ import annotations

import functools
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from monitoring.alerting import render_rules
from monitoring.durations import milliseconds
from monitoring.outages.world import AFTER, Outage, series
from monitoring.promtool import run_cases

MONITORING = Path(__file__).parents[1]
ALERTMANAGER = MONITORING / "alertmanager" / "alertmanager.yml"
FIRING = 'ALERTS{alertstate="firing", alertname!="Watchdog"}'
_AT = re.compile(r"time: (\w+),\s+exp: nil\s+got: (.*)")
_SAMPLE = re.compile(r'\{__name__="ALERTS", ([^}]*)\} 1E\+00')
_LABEL = re.compile(r'(\w+)="([^"]*)"')

Labels = tuple[tuple[str, str], ...]


@dataclass
class Fired:
    """One alert within an outage; seconds since the outage began.

    Attributes:
        labels: its labels.
        times: the moments at which it was seen firing.
        hidden: those of them at which another alert kept it back.
    """

    labels: dict[str, str]
    times: list[int] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The alert."""
        return self.labels["alertname"]

    @property
    def told(self) -> int | None:
        """When Alertmanager has sent the first message; None where another alert always kept it back."""
        wait = milliseconds(_group_wait(receiver(self.labels))) // 1000
        heard = [time + wait for time in self.times if not self._kept_back(time, wait)]
        return min(heard) if heard else None

    def _kept_back(self, time: int, wait: int) -> bool:
        # A message is made up when the group has waited: what fires until then still keeps it back.
        until = [moment for moment in self.times if time <= moment <= time + wait]
        return any(moment in self.hidden for moment in until)


def judge(outages: list[Outage], promtool: Path, cache: Path | None = None) -> list[list[Fired]]:
    """What fires in each outage, in the order in which it does.

    Args:
        outages: the outages.
        promtool: Prometheus' tool.
        cache: a folder that keeps what promtool has said of an outage, its series and the rules being the same.

    Raises:
        RuntimeError: promtool can't take an outage.
    """
    files = sorted(file for name in ("rules", "alerts") for file in (MONITORING / "prometheus" / name).iterdir())
    rules = {str(file.relative_to(MONITORING)): file.read_text("utf-8") for file in files}
    cases = [None if outage.told else _case(outage) for outage in outages]

    def one(outage: Outage, case: dict[str, Any] | None) -> list[Fired]:
        if case is None:
            return []
        document = {"evaluation_interval": f"{outage.evaluated}s", "tests": [case]}
        return _inhibit(_fired(_said(rules, document, promtool, cache), outage))

    with ThreadPoolExecutor(max_workers=6) as pool:
        return list(pool.map(one, outages, cases))


def firing(  # noqa: PLR0913 (what a run of the tool needs, by name)
    series: list[dict[str, str]],
    *,
    interval: int,
    evaluated: int,
    end: int,
    promtool: Path,
    cache: Path | None = None,
    instead: dict[str, str] | None = None,
) -> set[str]:
    """Return the names of the alerts that fire at any time, looked at whenever the rules are evaluated.

    Args:
        series: promtool's input series.
        interval: seconds between their samples.
        evaluated: seconds between evaluations of the rules.
        end: the last second.
        promtool: Prometheus' tool.
        cache: a folder that keeps what promtool says.
        instead: values that take the place of thresholds.
    """
    moments = range(0, end, evaluated)
    tests = [{"expr": FIRING, "eval_time": f"{at}s", "exp_samples": []} for at in moments]
    case = {"interval": f"{interval}s", "name": "week", "input_series": series, "promql_expr_test": tests}
    rendered = render_rules(instead=instead)
    # Those that record before those that read: rarely evaluated, a recorded value is soon forgotten.
    files = sorted(rendered, key=lambda name: (not name.startswith("prometheus/rules/"), name))
    rules = {name: rendered[name] for name in files}
    groups = [group["name"] for text in rules.values() for group in yaml.safe_load(text)["groups"]]
    document = {"evaluation_interval": f"{evaluated}s", "group_eval_order": groups, "tests": [case]}
    return {
        dict(_LABEL.findall(sample))["alertname"]
        for _, samples in _AT.findall(_said(rules, document, promtool, cache))
        for sample in _SAMPLE.findall(samples)
    }


def _said(rules: dict[str, str], document: dict[str, Any], promtool: Path, cache: Path | None) -> str:
    """Return what promtool says of a document of cases beside files of rules, given by their names."""
    with tempfile.TemporaryDirectory() as folder:
        read = [_write(folder, name, text) for name, text in rules.items()]
        cases = yaml.safe_dump({"rule_files": list(rules), **document})
        return run_cases(_write(folder, "cases.yml", cases), read, promtool, cache)


def _write(folder: str, name: str, text: str) -> Path:
    file = Path(folder, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def _case(outage: Outage) -> dict[str, Any]:
    fine = range(0, min(outage.lasts, 1200), outage.evaluated)
    coarse = range(1200, outage.lasts + AFTER - 300, max(60, outage.evaluated))
    tests = [{"expr": FIRING, "eval_time": f"{outage.start + at}s", "exp_samples": []} for at in (*fine, *coarse)]
    return {
        "interval": f"{outage.interval}s",
        "name": outage.title,
        "input_series": series(outage),
        "promql_expr_test": tests,
    }


def _fired(said: str, outage: Outage) -> list[Fired]:
    found: dict[Labels, Fired] = {}
    for moment, samples in _AT.findall(said):
        at = milliseconds(moment) // 1000 - outage.start
        for sample in _SAMPLE.findall(samples):
            labels = {name: value for name, value in _LABEL.findall(sample) if name != "alertstate"}
            found.setdefault(tuple(sorted(labels.items())), Fired(labels)).times.append(at)
    return sorted(found.values(), key=lambda fired: (fired.times[0], fired.name))


def _inhibit(alerts: list[Fired]) -> list[Fired]:
    rules = _configuration()["inhibit_rules"]
    for target in alerts:
        for source in alerts:
            if any(_keeps_back(rule, source.labels, target.labels) for rule in rules):
                target.hidden |= set(source.times) & set(target.times)
    return alerts


def _keeps_back(rule: dict[str, Any], source: dict[str, str], target: dict[str, str]) -> bool:
    if source == target or not (
        _matches(rule["source_matchers"], source) and _matches(rule["target_matchers"], target)
    ):
        return False
    return all(source.get(name, "") == target.get(name, "") for name in rule.get("equal", []))


def _matches(matchers: list[str], labels: dict[str, str]) -> bool:
    for matcher in matchers:
        name, operator, value = re.fullmatch(r'(\w+)\s*(=~|=)\s*"(.*)"', matcher).groups()  # type: ignore[union-attr]
        actual = labels.get(name, "")
        if not (actual == value if operator == "=" else re.fullmatch(value, actual)):
            return False
    return True


def receiver(labels: dict[str, str], amtool: Path | None = None) -> str:
    """The receiver of an alert, as amtool routes it."""
    if amtool is not None:
        _tool.append(amtool)
    return _receiver(tuple(sorted(labels.items())))


_tool: list[Path] = []


@functools.cache
def _receiver(labels: Labels) -> str:
    pairs = [f"{name}={value}" for name, value in labels]
    command = [
        str(_tool[-1] if _tool else "amtool"),
        "config",
        "routes",
        "test",
        f"--config.file={ALERTMANAGER}",
        *pairs,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - likewise
    return done.stdout.strip()


def _group_wait(name: str) -> str:
    route = _configuration()["route"]
    waits = {child["receiver"]: child.get("group_wait", route["group_wait"]) for child in route["routes"]}
    return str(waits.get(name, route["group_wait"]))


@functools.cache
def _configuration() -> dict[str, Any]:
    return dict(yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8")))
