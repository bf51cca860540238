# ruff: noqa: C408 - a dictionary of keywords is one of the tables
"""A text of a table is proven where the table is handed on whole, and isn't where a call picks from it."""

from __future__ import annotations

import json
import operator
import random
import sys
from types import SimpleNamespace

import pytest

from pazpaz_otel.redact import text
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


def _picked(code: int) -> list[str | None]:
    reached = iter(("an item of a", "an item of b"))
    named = dict(a="a keyword of a", b="a keyword of b").get("ab"[code])
    return [
        _left(random.choice(("drawn for a", "drawn for b"))),
        _left(max("higher of a", "higher of b", key=lambda one: one[-1] == str(code))),
        _left(sorted(["sorted as a", "sorted as b"])[code]),
        _left(list({"kept of a", "kept of b"}).pop()),
        _left(next(filter(lambda one: one.endswith("a"), ["left of a", "left of b"]))),
        _left(list(map(str, ["made of a", "made of b"]))[code]),
        _left(operator.itemgetter(code)(["got by a", "got by b"])),
        _left(operator.getitem(("given to a", "given to b"), code)),
        _left(dict.fromkeys(["a key of a", "a key of b"]).popitem()[0]),
        _left({"x": "copied of a", "y": "copied of b"}.copy().get("xy"[code])),
        _left(next(reached)),
        _left(named),
        _left((max if code else min)("chosen for a", "chosen for b")),
        _left(getattr(SimpleNamespace(a="an attribute of a", b="an attribute of b"), "ab"[code])),
        _left(SimpleNamespace(a="a field of a", b="a field of b").__getattribute__("ab"[code])),
        _left(operator.getitem(dict(a="an entry of a", b="an entry of b"), "ab"[code])),
    ]


def _gone_through(code: int) -> list[str | None]:
    left = [_told(one) for at, one in enumerate(["at a", "at b"]) if at == code]
    left += [_told(one) for one, at in zip(["beside a", "beside b"], (0, 1), strict=True) if at == code]
    return left


def _returned(code: int) -> list[str | None]:
    return [_left(_higher(code)), _left(_of_keywords(code))]


def _higher(code: int) -> str:
    return max("returned for a", "returned for b", key=lambda one: one[-1] == "ab"[code])


def _of_keywords(code: int) -> str:
    return (lambda **named: named["ab"[code]])(a="a keyword for a", b="a keyword for b")  # noqa: PLC3002


def _told(message: object) -> str | None:
    return judge(str(message), Running(sys._getframe(1))).text


def dumps(code: int, table: tuple[str, ...]) -> str:
    """Pick from a table under a name that elsewhere hands on the whole of what it takes."""
    return table[code]


class Own:
    """Has the same under other such names."""

    dumps = staticmethod(dumps)
    LogRecord = Link = staticmethod(dumps)


def _picked_by_own(code: int) -> list[str | None]:
    return [
        _left(dumps(code, ("dumped for a", "dumped for b"))),
        _left(Own.dumps(code, ("dumped by a", "dumped by b"))),
        _left(Own().dumps(code, ("dumped with a", "dumped with b"))),
        _left(Own.LogRecord(code, ("recorded for a", "recorded for b"))),
        _left(Own.Link(code, ("linked to a", "linked to b"))),
    ]


@pytest.fixture(autouse=True)
def _forget() -> None:
    text._proven.clear()


def test_what_a_function_picks_from_a_table_stays() -> None:
    """A literal that a call picks from a written-out table by data, or by chance, is as unproven as an index's."""
    assert {*_picked(0), *_picked(1), *_gone_through(0), *_gone_through(1)} == {None}
    assert {*_returned(0), *_returned(1)} == {None}


def test_a_function_that_only_has_the_name_of_a_carrier_picks() -> None:
    """What hands on the whole of a table is told by what is called, not by its name."""
    assert {*_picked_by_own(0), *_picked_by_own(1)} == {None}


def test_what_an_absent_attribute_is_given_is_proven() -> None:
    """A default is written in the statement, and so is what a constant name reads."""
    made = SimpleNamespace()
    left = _left(getattr(made, "ab"[1:], "an attribute that is absent"))
    assert left == "an attribute that is absent"
    left = _left(getattr(SimpleNamespace(a="an attribute by its name"), "a"))  # noqa: B009
    assert left == "an attribute by its name"


def test_what_serialises_a_table_hands_it_on_whole() -> None:
    """The standard library's encoder takes no choice: its fields are what the program says."""

    def told(encoded: str) -> str | None:
        return _left(json.loads(encoded)["event"])

    assert told(json.dumps({"event": "an event that is encoded", "count": 1})) == "an event that is encoded"


def test_a_table_that_is_handed_over_whole_is_proven() -> None:
    """The fields that the outermost call takes are what the program says, not a choice."""

    def told(fields: dict[str, str]) -> str | None:
        return _left(fields["action"])

    left = told({"action": "the field of a call"})
    assert left is not None
