"""How often a timer calls."""

from __future__ import annotations

import pytest

from pazpaz_otel.otel.ledger.timers import Timer


@pytest.mark.parametrize(("took", "pause"), [(0.0, 0.2), (0.0005, 0.2), (0.01, 0.5), (0.3, 1.0)])
def test_calls_that_take_long_are_made_less_often(took: float, pause: float):
    """A merge of many series takes a fiftieth of a core at most, unless the longest pause is too short for that."""
    timer = Timer("test", 0.2, lambda: None, 1.0)
    timer.stop(5)
    assert timer.pause(took) == pytest.approx(pause)


def test_an_interval_stays_where_no_longest_is_given():
    """Calls that may not come late come at their interval, however long they take."""
    timer = Timer("test", 0.2, lambda: None)
    timer.stop(5)
    assert timer.pause(3.0) == pytest.approx(0.2)
