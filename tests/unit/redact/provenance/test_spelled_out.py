"""Messages that a function spells out and completes leave with what completes them; values and samples don't."""

from __future__ import annotations

import enum
import sys

import pytest

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

NAMES = [bytes.fromhex("44616e61204c657669").decode(), "305123456", "dana@example.org"]


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return a value that isn't in the source."""
    return str(request.param)


def test_a_literal_that_is_completed_is_told(name: str) -> None:
    """A message that is set anew around its own name leaves whole; one that held a value keeps the name's hole."""
    msg = "the ward is shut"
    if name:
        msg = f"{msg}: the key of {name} is gone"
    left = _left(msg)
    assert left == "the ward is shut: the key of {name} is gone"
    told = str(name)
    told = f"{told}: the lift is stuck"
    left = _left(told)
    assert left in {None, "{told}: the lift is stuck"}
    padded = "the ward is open"
    padded = f"{padded:>30}: the bell of {name} rang"
    left = _left(padded)
    assert left == "{padded}: the bell of {name} rang"


def test_a_literal_that_may_be_another_stays(name: str) -> None:
    """Of several literals that a message may begin with, or a table's that data picks, none leaves."""
    msg = "the north is shut"
    if name:
        msg = "the south is shut"
    msg = f"{msg}: the map of {name} is gone"
    left = _left(msg)
    assert left == "{msg}: the map of {name} is gone"
    table = {"a": "the east is shut", "b": "the west is shut"}
    kept = table["b" if name else "a"]
    kept = f"{kept}: the lamp of {name} is gone"
    left = _left(kept)
    assert left in {None, "{kept}: the lamp of {name} is gone"}


class _BedError(Exception):
    """No other class has this name."""


def _described(error: Exception) -> str:
    return f"not moved: {type(error).__name__}: {error}"


def _listed(kind: str, told: str) -> str:
    return f"not listed: {kind}: {told}"


def test_a_helper_tells_class_and_message_of_the_error_that_it_was_passed(name: str) -> None:
    """The handled exception's class and message fill a helper's holes; values in their places don't."""
    try:
        raise _BedError(f"the bed of {name} is locked")
    except _BedError as failed:
        left = _left(_described(failed))
        assert left == "not moved: _BedError: the bed of {name} is locked"
        left = _left(_listed(name, name))
        assert left == "not listed: {kind}: {told}"
    try:
        raise _BedError(name)
    except _BedError as failed:
        left = _left(_described(failed))
    assert left == "not moved: _BedError: {error}"
    unheard = type(name.title(), (Exception,), {})
    try:
        raise unheard(f"the cot of {name} is locked")
    except Exception as failed:  # a class that no source defines
        left = _left(_described(failed))
    assert left == "not moved: {type(error).__name__}: the cot of {name} is locked"


class _Bed(enum.Enum):
    WET = "wet"
    TAKEN = "taken"

    @property
    def told(self) -> str:
        return {_Bed.WET: "the bed is wet", _Bed.TAKEN: "the bed is taken"}[self]


def _told_of(bed: _Bed) -> str:
    return {_Bed.WET: "a wet bed stays", _Bed.TAKEN: "a taken bed stays"}[bed]


def test_the_table_of_a_member_is_told() -> None:
    """What a property or helper spells out for a member leaves if the source names the member; not if data does."""
    left = _left(_Bed.TAKEN.told)
    assert left == "the bed is taken"
    left = _left(f"moved: {_told_of(_Bed.WET)}")
    assert left == "moved: {…}"
    left = _left(_told_of(_Bed.WET))
    assert left == "a wet bed stays"
    for bed in map(_Bed, ("wet", "taken")):
        left = _left(bed.told)
        assert left is None
        left = _left(_told_of(bed))
        assert left is None
        first, second = bed.value, bed.name
        left = _left({first: "a bed stays", second: "a bed leaves"}[first])
        assert left is None


def test_the_alternative_of_a_value_is_told(name: str) -> None:
    """A sentence that stands in for a missing value leaves where a name holds it; a value that is there doesn't."""
    for given, shown in (("", "no cause was told"), (name, "{why}")):
        why = given or "no cause was told"
        left = _left(f"the round of {name} ended: {why}")
        assert left == f"the round of {{name}} ended: {shown}"
        state = "all is well" if not given else name
        left = _left(f"the nurse of {name} says: {state}")
        assert left == f"the nurse of {{name}} says: {'{state}' if given else 'all is well'}"


def test_a_sample_that_stands_in_for_a_value_stays(name: str) -> None:
    """A single word, a name or a number that stands in for a missing value is a value itself."""
    missing = name[:0]
    word = missing or "premium"
    left = _left(f"the plan of {name} is {word}")
    assert left == "the plan of {name} is {word}"
    town = missing or "Old Orchard"
    left = _left(f"the town of {name} is {town}")
    assert left == "the town of {name} is {town}"


def test_the_message_of_an_error_is_completed(name: str) -> None:
    """A constructor's message leaves with what completes it, and without it where nothing does."""
    found = [view(error).message for error in (_raised(name), _raised(""))]
    assert found == ["the lock is jammed: key of {key}", "the lock is jammed"]


class _LockError(Exception):
    def __init__(self, key: str) -> None:
        msg = "the lock is jammed"
        if key:
            msg = f"{msg}: key of {key}"
        super().__init__(msg)


def _raised(key: str) -> _LockError:
    try:
        raise _LockError(key)
    except _LockError as raised:
        return raised
