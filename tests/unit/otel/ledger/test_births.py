"""A new series is shown as zero until whoever takes the sums has seen the zero for long enough."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.otel.ledger import births
from pazpaz_otel.otel.ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOLD, INTERVAL = 30.0, 5.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new ledger."""
    made = Store(tmp_path / "x.ledger", keep=True)
    yield made
    made.close()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the clock to a second of the story, which begins long after 1970."""

    def set_clock(second: int) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: (1_000_000 + second) * 10**9)

    return set_clock


def _taken(store: Store, at: Callable[[int], None], seconds: range) -> None:
    for second in seconds:
        at(second)
        births.taken(store, INTERVAL, HOLD)


def _horizon(store: Store) -> float:
    return births.horizon(store, HOLD) / 10**9 - 1_000_000


def test_nothing_is_shown_before_anything_was_taken(store: Store) -> None:
    """Whatever was born while the endpoint wasn't there yet is zero first."""
    assert _horizon(store) < 0


def test_a_series_is_shown_when_its_zero_was_taken_for_the_holds_length(
    store: Store, at: Callable[[int], None]
) -> None:
    """Without an outage it is the hold's age at the last export that was taken."""
    _taken(store, at, range(0, 101, 5))
    assert _horizon(store) == 70


def test_an_outage_is_no_part_of_a_series_age(store: Store, at: Callable[[int], None]) -> None:
    """Who was young when the endpoint went, or was born meanwhile, is held for what is left of the hold after it."""
    _taken(store, at, range(0, 101, 5))
    at(300)
    assert _horizon(store) == 70, "while it is away, nothing ages"
    _taken(store, at, range(300, 311, 5))
    assert _horizon(store) == 80, "ten seconds after it is back, those of ten seconds later are old enough"
    _taken(store, at, range(315, 326, 5))
    assert _horizon(store) == 95
    _taken(store, at, range(330, 341, 5))
    assert _horizon(store) == 310, "those of the outage, too"


def test_two_outages_after_each_other_are_as_one(store: Store, at: Callable[[int], None]) -> None:
    """What was still held when the endpoint went again is held, and what was shown isn't zero again."""
    _taken(store, at, range(0, 101, 5))
    _taken(store, at, range(300, 311, 5))
    assert _horizon(store) == 80
    _taken(store, at, range(600, 601, 5))
    assert _horizon(store) == 80
    _taken(store, at, range(605, 621, 5))
    assert _horizon(store) == 100
