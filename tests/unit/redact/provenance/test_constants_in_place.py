"""Constants that the source names stand in the template; what data chose, or may have changed, doesn't."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import sys
from typing import TYPE_CHECKING, Final

import pytest

from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

STAGES: Final = ("the ward is swept", "the ward is aired", "the ward is warmed")
CHORES = ["the hall is swept", "the hall is aired", "the hall is warmed"]
UNITS = ("beds", "chairs")


class _Act(enum.StrEnum):
    BOOK = "book"
    CANCEL = "cancel"


class _Wing(enum.Enum):
    NORTH = "north"
    SOUTH = "south"

    @property
    def label(self) -> str:
        return f"wing in the {self.value}"


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


@pytest.fixture(params=["Dana Levi", "305123456", "north", "aired"])
def name(request: pytest.FixtureRequest) -> str:
    """Return a value that isn't in the source, or equals a text of it."""
    return str(request.param)


def _size(count: int) -> str:
    if count > 9:
        return "a great many"
    return "a few"


def test_a_constant_in_a_composition_is_told(name: str) -> None:
    """A member, a constant item, a local constant and what a function returns stand beside the value's hole."""
    wing = _Wing.SOUTH
    where = "upstairs"
    left = _left(f"cannot {_Act.BOOK} for {name}")
    assert left == "cannot book for {name}"
    left = _left(f"the {wing.label} is shut for {name}")
    assert left == "the wing in the south is shut for {name}"
    left = _left(f"too few {UNITS[1]} {where} for {name}")
    assert left == "too few chairs {where} for {name}"
    left = _left("counted " + _size(len(name * 9)) + " today")
    assert left == "counted a great many today"


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


class _Answer:
    def __init__(self, reason: str) -> None:
        self.reason = reason


def _answer(name: str) -> _Answer:
    return _Answer("all of it is well") if not name else _Answer("some of it is wrong")


def test_what_a_call_makes_for_a_place_is_told(name: str) -> None:
    """A choice among what a call passes, a local name of a joined enum, an attribute of a result, a first element."""
    left = _left(_plural(40712, "bed", "beds") + " are free")
    assert left == "{count} beds are free"
    wings = " or ".join(wing.value for wing in _Wing)
    left = _left(f"the wing is {wings}, not {name}")
    assert left == "the wing is north or south, not {name}"
    left = _left("answer: " + _answer(name).reason)
    assert left == "answer: some of it is wrong"
    first, *_ = ["the first of all", name]
    left = _left(f"told {first} to {name}")
    assert left == "told the first of all to {name}"
    second, *_ = [name, "the second of all"]
    left = _left(f"told {second} by {name}")
    assert left == "told {second} by {name}"
    chosen = _plural(40712, name, name)
    left = _left(chosen + " are shut")
    assert left == "{count} {…} are shut"


def test_what_data_holds_stays_a_hole(name: str) -> None:
    """A parameter, a default and a member that data chose keep their names, also where they equal a constant."""

    def _told(where: str = "north") -> str | None:
        return _left(f"moved to the {where} side")

    wing = next((wing for wing in _Wing if wing.value == name), _Wing.SOUTH)
    assert _told(name) == "moved to the {where} side"
    left = _left(f"moved to {wing.value} by night")
    assert left == "moved to {wing.value} by night"
    left = _left(f"moved to {name} by day")
    assert left == "moved to {name} by day"
    names = {"north": "the northern hall"}
    left = _left(f"seen in {names.get(name)} by night")
    assert left == "seen in {…} by night"


def test_a_loop_that_tells_every_text_is_as_if_written_out(name: str) -> None:
    """Every text of a tuple, or of a list or dictionary that nothing else changes, is told."""
    told = []
    for stage in STAGES:
        told.append(_left(stage))  # noqa: PERF401
    for number, stage in enumerate(("first the door", "then the window", "last the lamp"), 1):
        told.append(_left(f"{number}. {stage}"))
    faults = {}
    faults["lamp"] = "the lamp of the hall is broken"
    faults["door"] = f"the door of {name} is broken"
    for fault in faults.values():
        told.append(_left(fault))  # noqa: PERF401
    assert told == [
        *STAGES,
        "{number}. first the door",
        "{number}. then the window",
        "{number}. last the lamp",
        "the lamp of the hall is broken",
        "the door of {name} is broken",
    ]


def _told_until(name: str) -> Iterator[str | None]:
    for stage in STAGES:
        if stage.endswith(name):
            return
        yield _left(stage)


def test_a_loop_in_which_data_chooses_tells_nothing(name: str) -> None:
    """Conditions in the loop, lists that others may have changed, filters and orders make a text data's."""
    told = [*_told_until(name)]
    for chosen in STAGES:
        told.append(_left(chosen) if chosen.endswith(name) else None)  # noqa: PERF401
    for tried in STAGES:
        try:
            told.append(_left(tried))
        except LookupError:
            continue
    for found in STAGES:
        for _ in filter(found.endswith, [name]):
            told.append(_left(found))  # noqa: PERF401
    for used in STAGES:
        with contextlib.suppress(ValueError):
            used.index(name)
            told.append(_left(used))
    for chore in CHORES:
        told.append(_left(chore))  # noqa: PERF401
    for ordered in sorted(STAGES, key=lambda text: text.count(name)):
        told.append(_left(ordered))  # noqa: PERF401
    for kept in [text for text in STAGES if not text.endswith(name)]:
        told.append(_left(kept))  # noqa: PERF401
    assert set(told) == {None}


def test_what_others_may_have_changed_tells_nothing(name: str) -> None:
    """A list or dictionary from which something may have been taken is data, by itself or in an inner function."""
    told = []
    labels = {"a": "a label of the hall", "b": "a label of the door", "c": "a label of the lamp"}
    labels.pop(name, None)
    for label in labels.values():
        told.append(_left(label))  # noqa: PERF401
    marks = {"a": "a mark of the hall", "b": "a mark of the door", "c": "a mark of the lamp"}
    rest = ["the rest of the hall", "the rest of the door", "the rest of the lamp"]

    def _drop() -> None:
        rest[:] = [text for text in rest if not text.endswith(name)]
        marks.pop(name, None)

    _drop()
    for mark in marks.values():
        told.append(_left(mark))  # noqa: PERF401
    for left_over in rest:
        told.append(_left(left_over))  # noqa: PERF401
    if name:
        others = ["another label of the hall", "another label of the door", "another label of the lamp"]
        others.sort(key=lambda text: text.count(name))
        for other in others:
            told.append(_left(other))  # noqa: PERF401
    assert set(told) == {None}


def _steps(name: str) -> Iterator[str]:
    yield "the hall was swept"
    if name:
        yield f"the bed of {name} was made"
    yield "the lamp was lit"


async def _doors(name: str) -> AsyncIterator[str]:
    yield f"the door of {name} was shut"
    yield "the gate was shut"


def test_a_joined_enum_and_a_copied_generator_are_told(name: str) -> None:
    """Every member of an enum is told, and a comprehension that only copies changes nothing; a filter does."""

    async def _whole() -> str | None:
        return _left("; ".join([door async for door in _doors(name)]))

    async def _filtered() -> str | None:
        return _left("; ".join([door async for door in _doors(name) if not door.endswith(name)]))

    left = _left("one of " + ", ".join(wing.value for wing in _Wing))
    assert left == "one of north, south"
    left = _left(f"none of {'/'.join(act for act in _Act)} for {name}")
    assert left == "none of book/cancel for {name}"
    left = _left("some of " + ", ".join(act for act in _Act if act != name))
    assert left == "some of {…}"
    left = asyncio.run(_whole())
    assert left == "the door of {name} was shut; the gate was shut"
    left = asyncio.run(_filtered())
    assert left == "the door of {name} was shut"


class _Faults:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def add(self, key: str, text: str) -> None:
        self.texts[key] = text

    def told(self) -> str | None:
        for key, text in self.texts.items():
            return _left(f"{key}: {text}")
        return None


def test_a_text_that_an_object_was_given_is_told_by_it(name: str) -> None:
    """The sentence stands in what the object's method composes; a value that it was given doesn't."""
    faults, others = _Faults(), _Faults()
    faults.add(name, "the lamp has no bulb")
    told = faults.told()
    assert told == "{key}: the lamp has no bulb"
    others.add("door", f"{name} of no bulb")
    told = others.told()
    assert told is None or name not in told


def test_a_joined_generator_is_told_whole(name: str) -> None:
    """What a generator yields one after the other is joined as it is written; values stay holes."""
    left = _left("; ".join(_steps(name)))
    assert left == "the hall was swept; the bed of {name} was made; the lamp was lit"
