"""The healthy world and what an outage changes in it, as promtool's series."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from monitoring.durations import milliseconds

HERE = Path(__file__).parent
COLLECTOR = HERE.parents[1] / "collector" / "exporters.yaml"
COUNTER = re.compile(r"_(total|count|bucket)\{")
RESTART = 8
"""Samples between two restarts of something that restarts again and again."""

AFTER = 1500
"""Seconds of health after an outage."""
LONG = 6 * 3600
"""Seconds from which on an outage is a long one."""


@dataclass(frozen=True)
class Outage:
    """One outage.

    Attributes:
        title: what is broken.
        broken: series, or enough of its text, to its value meanwhile.
        start: seconds of health before it.
        lasts: seconds.
        interval: seconds between samples.
        evaluated: seconds between evaluations of the rules.
        quiet: nobody is to be told.
        told: who tells of it, where no rule can see it.
    """

    title: str
    broken: dict[str, str]
    start: int
    lasts: int
    interval: int
    evaluated: int
    quiet: bool = False
    told: str = ""

    @property
    def end(self) -> int:
        """The second at which all is well again."""
        return self.start + self.lasts


@dataclass(frozen=True)
class _At:
    """Where a sample stands: its number in its part of the time, that part's length, its second, seconds a sample."""

    step: int
    length: int
    now: int
    interval: int


def outages() -> list[Outage]:
    """Every outage of `outages.yaml`."""
    return [_outage(entry) for entry in read("outages.yaml")]


def read(name: str) -> Any:
    """Read a file of this folder, every value as its text."""
    # Texts alone: YAML would take `+40`, a counter's gain, for the number 40.
    return yaml.load((HERE / name).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - makes nothing but texts


def _outage(entry: dict[str, Any]) -> Outage:
    lasts = milliseconds(entry.get("lasts", "40m")) // 1000
    # A long one needs a past that fills the windows which the rules look back through, and is looked at more rarely.
    long = lasts > LONG
    # Less than the five minutes for which Prometheus remembers what a rule has recorded.
    start, interval, evaluated = (8 * 3600, 60, 240) if long else (15 * 60, 15, 15)
    told = entry.get("told", "")
    return Outage(entry["title"], entry["broken"], start, lasts, interval, evaluated, "quiet" in entry, told)


def series(outage: Outage) -> list[dict[str, str]]:
    """The input series of an outage, for promtool.

    Raises:
        ValueError: a key of the outage names no series, or several.
    """
    healthy: dict[str, str] = read("healthy.yaml")
    changed: dict[str, str] = {}
    for key, value in outage.broken.items():
        found = [name for name in healthy if name.startswith(key)] or [name for name in healthy if key in name]
        if len(found) > 1 or (not found and not key.endswith("}")):
            raise ValueError(f"{outage.title}: {key} names {len(found)} series")
        changed[found[0] if found else key] = value
    return [
        {"series": labelled(name), "values": _values(name, healthy.get(name), changed.get(name), outage)}
        for name in {**healthy, **changed}
    ]


def labelled(name: str) -> str:
    """Return a series with the label that all of them share."""
    return name.replace("{", '{environment="production", ', 1)


def _values(name: str, well: str | None, broken: str | None, outage: Outage) -> str:
    before, during, after = (seconds // outage.interval for seconds in (outage.start, outage.lasts, AFTER))
    broken = well if broken is None else broken
    samples: list[float | None] = []
    total = 0.0
    for value, length in ((well, before), (broken, during), (well, after)):
        at = len(samples)
        if value is None and COUNTER.search(name) and samples:
            samples += [samples[-1]] * length  # a counter that the outage has made stays
            continue
        for step in range(length):
            now = (at + step) * outage.interval
            if value == "unsent" and step * outage.interval < _shown():
                samples.append(samples[-1])
            elif value and value.startswith("+"):
                total += float(value) * outage.interval / 60
                samples.append(total)
            else:
                samples.append(_gauge(value, well, _At(step, length, now, outage.interval)))
    return notation(samples)


@functools.cache
def _shown() -> int:
    """For how many seconds the Collector shows what its sender sends no more."""
    exporter = yaml.safe_load(COLLECTOR.read_text(encoding="utf-8"))["exporters"]["prometheus"]
    return milliseconds(exporter["metric_expiration"]) // 1000


def _gauge(value: str | None, well: str | None, at: _At) -> float | None:
    base = 0.0 if well in {None, "now"} or str(well).startswith("+") else float(well or 0)
    moving: dict[str | None, float | None] = {
        None: None,
        "gone": None,
        "unsent": None,
        "now": float(at.now),
        "climbs": base + at.step * at.interval,
        "restarts": base + (at.step // RESTART + 1) * 60,
        "falls": base * (1 - at.step / at.length),
    }
    if value in moving:
        return moving[value]
    pattern = (value or "").split()
    number = float(pattern[at.step % len(pattern)])
    # An age: so much before the present, where the healthy value is the present.
    return at.now + number if well == "now" else number


def notation(samples: list[float | None]) -> str:
    """Samples as promtool writes them; a series that ends is marked stale, as a scrape that fails does."""
    parts: list[str] = []
    position = 0
    while position < len(samples):
        value, run = samples[position], 1
        while position + run < len(samples) and samples[position + run] == value:
            run += 1
        if value is not None:
            parts.append(f"{value:.10g}x{run - 1}" if run > 1 else f"{value:.10g}")
        elif position and samples[position - 1] is not None:
            parts.append("stale" if run == 1 else f"stale _x{run - 1}")
        else:
            parts.append(f"_x{run}")
        position += run
    return " ".join(parts)
