"""How often a timer calls."""

from __future__ import annotations

import threading

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


@pytest.mark.parametrize(("took", "pause"), [(0.0, 0.02), (0.0005, 0.02), (0.002, 0.04), (0.3, 1.0)])
def test_calls_that_are_hurried_are_made_sooner(took: float, pause: float):
    """A kill takes along what waits, so that is merged soon; merges take a twentieth of a core at most all the same."""
    timer = Timer("test", 0.2, lambda: None, 1.0)
    timer.stop(5)
    assert timer.pause(took, hurried=True) == pytest.approx(pause)


def test_a_hurried_call_is_not_waited_for():
    """The next call comes long before its interval has passed."""
    called = threading.Event()
    timer = Timer("test", 600, called.set)
    timer.hurry()
    assert called.wait(30)
    timer.stop(5)
