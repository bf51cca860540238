"""The page of outages is what the rules and routes make of them, and nobody is woken by what is no outage."""

from __future__ import annotations

import re

import pytest

from monitoring.outages import page, verdict, week, world
from tests.architecture.test_monitoring import alerts
from tests.programs import amtool_binary, promtool_binary
from tests.programs.cache import remembered

pytestmark = pytest.mark.stack

SAMPLE = ("PostgreSQL is down", "The other service falls silent")


def cases() -> dict[str, world.Outage]:
    """The outages by their titles."""
    return {outage.title: outage for outage in world.outages()}


def test_the_page_is_not_stale() -> None:
    """What the page was made from is what is here now: outages, rules, routes and the code between them."""
    assert page.inputs() in page.PAGE.read_text()


def test_there_are_three_dozen() -> None:
    """Three dozen outages have a row each, and somebody is told of each.

    In the quiet ones nothing fires, and so nothing does in the healthy world around them.
    """
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in page.PAGE.read_text().splitlines()}
    quiet = [title for title, outage in cases().items() if outage.quiet]
    assert len(cases()) - len(quiet) >= 36
    assert [title for title in cases() if title not in quiet and "| nobody, " in rows.get(title, "| nobody, ")] == []
    assert quiet
    assert {rows[title] for title in quiet} == {f"| {title} | nobody, as it should be | | |  |" for title in quiet}


def test_every_alert_has_its_outage() -> None:
    """Each alert fires in some outage, told or kept back by its cause.

    The watchdog and a quiet afternoon are no outages, and an alert on a lost Alertmanager can't be told.
    """
    text = page.PAGE.read_text()
    assert {name for name in alerts() if name not in text} == {
        "Watchdog",
        "NoActivity",
        "PrometheusWithoutAlertmanager",
    }


@pytest.mark.slow
@pytest.mark.parametrize("title", SAMPLE)
def test_a_row_is_what_the_tools_say(title: str) -> None:
    """Run anew, an outage has the row that the page has: who is told, of what, and what else fires.

    The times may differ by an evaluation: promtool evaluates groups of rules side by side.
    """
    verdict.receiver({"alertname": "Watchdog"}, amtool_binary())
    outage = cases()[title]
    [fired] = verdict.judge([outage], promtool_binary(), remembered("promtool"))
    assert _without_times(page.row(outage, fired)) in _without_times(page.PAGE.read_text())


def _without_times(text: str) -> str:
    return re.sub(r"\b\d+ (?:h|min|s)\b(?: \d+ (?:min|s)\b)*", "…", text)


SLOWER = {"latency_seconds": "1.0"}
"""The traffic was recorded on a machine that had other work: how fast it answered is not what is tested."""


def fired(series: list[dict[str, str]], interval: int, evaluated: int, end: int) -> set[str]:
    """Return what fires in recorded traffic."""
    return verdict.firing(
        series,
        interval=interval,
        evaluated=evaluated,
        end=end,
        promtool=promtool_binary(),
        cache=remembered("promtool"),
        instead=SLOWER,
    )


@pytest.mark.slow
def test_nothing_fires_in_what_was_recorded() -> None:
    """Traffic of the real stack, work, deploy and night, fires nothing, looked at as often as it was scraped."""
    series, step, seconds = week.as_recorded()
    assert fired(series, step, step, seconds) == set()


EVALUATED = 600
"""Seconds between evaluations over the week: what comes and goes within less is seen in the recording itself."""


@pytest.mark.slow
def test_nothing_fires_in_a_quiet_week() -> None:
    """Eight days made of that traffic, by a day's curve, with deploys, dumps and a restart, never fire anything."""
    assert fired(week.series(), week.STEP, EVALUATED, week.MINUTES * 60) == set()


@pytest.mark.slow
def test_a_bad_hour_of_that_week_is_told() -> None:
    """The same week fires when four requests fail in each of twenty minutes: the silence is no blindness."""
    monday_noon = 12 * 60
    fault = week.series(week.Fault(monday_noon, 20))
    assert "ApiFailures" in fired(fault, week.STEP, EVALUATED, (monday_noon + 60) * 60)
