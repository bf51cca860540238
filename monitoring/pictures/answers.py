"""What Prometheus answers to a board's queries."""

from __future__ import annotations

import json
import math
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from monitoring.durations import scale_duration, scale_ranges

_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_POINTS = 160


@dataclass(frozen=True)
class Line:
    """One series of an answer: its legend, and its points as times and values."""

    legend: str
    labels: dict[str, str]
    points: list[tuple[float, float]]

    @property
    def last(self) -> float:
        """The newest value."""
        return self.points[-1][1]


@dataclass(frozen=True)
class Source:
    """A Prometheus and the time that is shown.

    Attributes:
        url: where it answers.
        end: the end of the time, in seconds since 1970.
        seconds: its length.
        scale: how many times as fast as in production its time runs.
        names: addresses to those of the shipped stack.
    """

    url: str
    end: float
    seconds: int
    scale: float = 1.0
    names: dict[str, str] = field(default_factory=dict)

    def panel(self, panel: dict[str, Any]) -> list[Line]:
        """Ask every query of a panel; none for one that another data source answers."""
        lines: list[Line] = []
        for target in panel.get("targets", []):
            if target["datasource"]["type"] != "prometheus":
                continue
            step = panel.get("interval", "")
            found = self._instant(target["expr"]) if target.get("instant") else self._range(target["expr"], step)
            lines += [_line(self._named(series), target["legendFormat"]) for series in found]
        return [line for line in lines if line.points]

    def _named(self, series: dict[str, Any]) -> dict[str, Any]:
        labels = {label: self._shipped(value) for label, value in series["metric"].items()}
        return {**series, "metric": labels}

    def _shipped(self, value: str) -> str:
        for here, there in self.names.items():
            value = value.replace(here, there)
        return value

    def _fill(self, expression: str, *, scaled: bool) -> str:
        if scaled:
            expression = scale_ranges(expression, self.scale)
        variables = {
            "$__rate_interval": f"{max(4, self.seconds // 18)}s", "$__range": f"{self.seconds}s",
            "$environment": ".*", "$service": ".*", "$instance": ".*", "$route": ".*",
        }  # fmt: skip
        for name, value in variables.items():
            expression = expression.replace(name, value)
        return expression

    def _instant(self, expression: str) -> list[dict[str, Any]]:
        answer = self._ask("query", query=self._fill(expression, scaled=False), time=self.end)
        return [{**series, "values": [series["value"]]} for series in answer]

    def _range(self, expression: str, step: str) -> list[dict[str, Any]]:
        scaled = bool(step)
        seconds = _seconds(scale_duration(step, self.scale)) if scaled else self.seconds / _POINTS
        filled = self._fill(expression, scaled=scaled)
        return self._ask("query_range", query=filled, start=self.end - self.seconds, end=self.end, step=seconds)

    def _ask(self, what: str, **parameters: Any) -> list[dict[str, Any]]:
        url = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - the Prometheus that was named
            return list(json.load(answer)["data"]["result"])


def _seconds(duration: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", duration).groups()  # type: ignore[union-attr]
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def _line(series: dict[str, Any], legend: str) -> Line:
    metric = dict(series["metric"])
    labels = {name: value for name, value in metric.items() if name != "__name__"}
    points = [(float(at), float(value)) for at, value in series["values"]]
    if legend == "__auto":
        text = ", ".join(labels.values())
    else:
        text = _LABEL.sub(lambda match: metric.get(match[1], ""), legend)
    return Line(text, labels, [(at, value) for at, value in points if math.isfinite(value)])
