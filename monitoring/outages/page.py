"""The page of outages: one row each."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.outages.verdict import ALERTMANAGER, MONITORING, receiver
from monitoring.outages.world import COLLECTOR

if TYPE_CHECKING:
    from monitoring.outages.verdict import Fired
    from monitoring.outages.world import Outage

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "outages.md"
HEAD = """\
<!-- inputs {inputs} -->
# Outages: who is told, and how soon

<!-- Made by `python -m monitoring.outages` from monitoring/outages/, rules and routes; change those instead. -->

In each row one thing breaks in an otherwise healthy world. promtool runs the shipped rules over its series, amtool the
shipped routes over what fires. The time runs from the first failure to the first message: probes every 15 seconds, what
the Collector still shows of a sender that is gone, the rule's own patience, and Alertmanager's wait for the rest of the
group. **page** wakes somebody at any hour; **ticket** waits for working hours. *Kept back* is what fires and isn't
sent, because its cause is.

| outage | first message | after | then | kept back |
|---|---|---|---|---|
"""
TAIL = """
## A quiet week

Nobody has recorded a week. What was recorded are 45 minutes of the real stack: practices at work, a deploy, a night.
Nothing fires in them, with the rules evaluated every 15 seconds. Eight days are made of them, and nothing fires there
either, looked at every ten minutes: their minutes are the recorded ones, drawn by chance, five in a row, working ones
as often as a made-up day has them (two peaks and a lunch break, less on Friday, little on Saturday, nothing on Sunday
and at night). Three deploys stand as they were recorded. Without a recording are the AI agent's queries, visitors who
leave, the nightly dumps, a restart of the Collector, containers and clocks. The limit of latency is one second there:
the machine that recorded had other work. A fault of twenty minutes in those days is told.
"""


def render(cases: list[Outage], verdicts: list[list[Fired]]) -> str:
    """The page's text."""
    rows = "".join(row(case, verdict) for case, verdict in zip(cases, verdicts, strict=True))
    return HEAD.replace("{inputs}", inputs()) + rows + TAIL


def inputs() -> str:
    """A digest of all that the page is made from: outages, rules, routes and the code here."""
    files = [
        *sorted(Path(__file__).parent.glob("*.[py]*")),
        *sorted((MONITORING / "prometheus" / "rules").iterdir()),
        *sorted((MONITORING / "prometheus" / "alerts").iterdir()),
        ALERTMANAGER,
        COLLECTOR,
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def row(case: Outage, verdict: list[Fired]) -> str:
    """The row of one outage."""
    if case.told:
        return f"| {case.title} | {case.told} | as set there | | |\n"
    told = sorted((fired for fired in verdict if fired.told is not None), key=lambda fired: (fired.told, fired.name))
    silent = sorted({fired.name for fired in verdict if fired.told is None})
    if not told:
        return f"| {case.title} | nobody, as it should be | | | {', '.join(silent)} |\n"
    first, names = told[0], {told[0].name}
    rest = []
    for fired in told[1:]:
        if fired.name not in names:
            names.add(fired.name)
            rest.append(f"{fired.name} ({receiver(fired.labels)}, {_time(fired.told or 0)})")
    way = f"**{receiver(first.labels)}** {first.name}"
    return f"| {case.title} | {way} | {_time(first.told or 0)} | {', '.join(rest)} | {', '.join(silent)} |\n"


def _time(seconds: int) -> str:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part)
