"""Texts that a list, a generator or a result object holds leave by the form that made them; what data picks stays."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [bytes.fromhex("44616e61204c657669").decode(), "305123456", "dana@example.org"]
LABELS = ["a depressive episode", "an anxiety disorder", "a panic disorder"]


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return a value that isn't in the source."""
    return str(request.param)


def _problems(name: str) -> Iterator[str]:
    if name:
        yield f"the name {name} has no street"
    yield "no street is given"


def _gathered(name: str) -> list[str]:
    problems = []
    if name:
        problems.append(f"the person {name} has no phone")
    problems.append("no phone is given")
    return problems


def _diagnoses(code: int) -> Iterator[str]:
    if code == 1:
        yield "one label of a diagnosis"
    if code == 2:
        yield "two labels of a diagnosis"
    yield "three labels of a diagnosis"


def _values(name: str) -> list[str]:
    return [name, name.upper()]


class Registry:
    def problems(self, name: str) -> list[str]:
        return [f"the registry refused {name}", *_values(name)]

    def first(self, name: str) -> str | None:
        for problem in self.problems(name):
            return _left(problem)
        return None


def test_what_a_loop_goes_through_is_told(name: str) -> None:
    """Each text leaves by the form that a generator, a list or a method made it with."""
    told = []
    for problem in _problems(name):
        told.append(_left(problem))  # noqa: PERF401
    assert told == ["the name {name} has no street", "no street is given"]
    told = []
    for problem in sorted(_gathered(name)):
        told.append(_left(problem))
    assert sorted(map(str, told)) == ["no phone is given", "the person {name} has no phone"]
    assert Registry().first(name) == "the registry refused {name}"


def test_what_a_function_lists_is_joined(name: str) -> None:
    """The first text of a joined list leaves by its form, with a hole for the others."""
    assert _left("; ".join(_problems(name))) == "the name {name} has no street{…}"
    problems = _gathered(name)
    assert _left("; ".join(problems)) == "the person {name} has no phone{…}"
    assert _left("; ".join(_values(name))) is None


def test_literals_that_data_picks_stay(name: str) -> None:
    """Of three literals or more, of a display, and of values nothing leaves."""
    told = []
    for label in _diagnoses(2):
        told.append(_left(label))  # noqa: PERF401
    for known in LABELS:
        told.append(_left(known))  # noqa: PERF401
    for shown in ("a first of a few labels", "a second of a few labels"):
        told.append(_left(shown))  # noqa: PERF401
    for value in _values(name):
        told.append(_left(value))  # noqa: PERF401
    assert set(told) == {None}


@dataclass
class Result:
    ok: bool
    message: str = ""


def _check(name: str) -> Result:
    if not name:
        return Result(ok=True)
    return Result(ok=False, message=f"no signature of {name} is known")


def _copy(name: str) -> Result:
    return Result(ok=False, message=name)


class Issue(NamedTuple):
    line: int
    text: str

    def render(self) -> str:
        return f"line {self.line}: {self.text}"


def test_an_attribute_of_a_result_is_told(name: str) -> None:
    """The message of an object that a function returns leaves by its form; a value in it stays."""
    result = _check(name)
    assert _left(result.message) == "no signature of {name} is known"
    assert _left(_check(name).message) == "no signature of {name} is known"
    copied = _copy(name)
    assert _left(copied.message) is None


def test_a_method_prints_what_its_object_was_made_with(name: str) -> None:
    """The text given to the object stands in the template, of one person after the other; a value stays a hole."""
    for _ in range(3):
        assert _left(Issue(3, f"bad postcode {name} there").render()) == "line {self.line}: bad postcode {name} there"
    assert _left(Issue(3, name).render()) == "line {self.line}: {self.text}"
