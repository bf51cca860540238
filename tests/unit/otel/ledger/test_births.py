"""A new series is shown as zero until whoever takes the sums has seen the zero for long enough."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.otel.ledger.births import Births
from pazpaz_otel.otel.ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HOLD, INTERVAL = 30.0, 5.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new ledger."""
    made = Store(tmp_path / "x.ledger", keep=True)
    yield made
    made.close()


@pytest.fixture
def births(store: Store) -> Births:
    """What the exporters took of it."""
    return Births(store, "exporters", INTERVAL, HOLD)


def _taken(births: Births, seconds: Iterable[int]) -> None:
    for second in seconds:
        births.taken(second * 10**9)


def _horizon(births: Births) -> float:
    return births.horizon() / 10**9


def test_nothing_is_shown_before_anything_was_taken(births: Births) -> None:
    """Whatever was born while the endpoint wasn't there yet is zero first."""
    assert _horizon(births) == 0


def test_a_series_is_shown_when_its_zero_was_taken_for_the_holds_length(births: Births) -> None:
    """Without an outage it is the hold's age at the last export that was taken."""
    _taken(births, range(0, 101, 5))
    assert _horizon(births) == 70


def test_without_a_hold_everything_is_shown(store: Store) -> None:
    """`PAZPAZ_OTEL_SCRAPE_INTERVAL=0` shows a series at once, whatever was taken."""
    births = Births(store, "exporters", INTERVAL, 0)
    births.taken(0)
    assert births.horizon() == sys.maxsize


def test_an_outage_is_no_part_of_a_series_age(births: Births) -> None:
    """Who was young when the endpoint went, or was born meanwhile, is held for what is left of the hold after it."""
    _taken(births, range(0, 101, 5))
    _taken(births, [300])
    assert _horizon(births) == 80, "an outage counts like a third of the hold"
    _taken(births, range(305, 326, 5))
    assert _horizon(births) == 100
    _taken(births, [330])
    assert _horizon(births) == 300, "those of the outage, too"


def test_two_readers_are_two(store: Store, births: Births) -> None:
    """What one of them took was shown to nobody else."""
    _taken(births, range(0, 101, 5))
    assert _horizon(Births(store, "scrapes", INTERVAL, HOLD)) == 0


def test_who_takes_seldom_sees_every_series_in_the_end(births: Births) -> None:
    """An endpoint that takes each fourth export, or a scrape interval that was set wrongly, hides nothing for good."""
    _taken(births, range(0, 201, 20))
    assert _horizon(births) == 140


def test_who_takes_often_fills_no_memory(store: Store, births: Births) -> None:
    """A hundred scrapes a second are noted as some within an interval, and a series' age is what it was."""
    for hundredth in range(10_000):
        births.taken(hundredth * 10**7)
    assert 60 < _horizon(births) <= 70
    assert len(store.noted("taken by exporters")) < 500


def test_the_clock_set_back_hides_nothing(births: Births) -> None:
    """What was shown stays so, and what is born from then on is zero first."""
    _taken(births, range(4000, 4101, 5))
    _taken(births, [1000])
    assert _horizon(births) == 1000
    _taken(births, range(1005, 1031, 5))
    assert _horizon(births) == 1000
    _taken(births, range(1035, 1041, 5))
    assert _horizon(births) == 1010


def test_at_the_end_everything_is_shown(births: Births) -> None:
    """What was shown by the last process isn't zero again after a restart."""
    births.show(50 * 10**9)
    _taken(births, [60])
    assert _horizon(births) == 50
