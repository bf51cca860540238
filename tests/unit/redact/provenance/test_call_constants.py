"""A helper's parameter leaves as the literal that its call gives it; what a variable gives stays a hole."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("Dana Levi", "Room", "Referral", "closed", "")


class _MissingError(Exception):
    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"{what} {key} not found")


class _Repository:
    kind = "Object"

    def get(self, key: str, reason: str = "closed") -> None:
        raise LookupError(f"{self.kind} with key {key} is {reason} today")


class _Rooms(_Repository):
    kind = "Room"


def _told(what: str, key: str) -> str | None:
    return judge(f"{what} {key} isn't free", Running(sys._getframe())).text


def _noted(*keys: str, what: str) -> str | None:
    return judge(f"{what} {keys[0]} isn't noted", Running(sys._getframe())).text


def _message(error: BaseException) -> str | None:
    return view(error).message


@pytest.mark.parametrize("name", NAMES)
def test_the_literals_of_a_call_leave(name: str) -> None:
    """Positional, named and default literals and attributes of the object's class leave, whatever the values are."""
    kept = _told("Referral", name)
    assert kept == "Referral {key} isn't free"
    kept = _told(key=name, what="Room")
    assert kept == "Room {key} isn't free"
    keys = (name, "closed")
    kept = _noted(*keys, what="Room")
    assert kept == "Room {…} isn't noted"
    with pytest.raises(LookupError) as raised:
        _Rooms().get(name)
    assert _message(raised.value) == "Room with key {key} is closed today"
    with pytest.raises(_MissingError) as missing:
        raise _MissingError("Patient", name)
    assert _message(missing.value) == "Patient {key} not found"


@pytest.mark.parametrize("name", NAMES)
def test_what_a_variable_gives_stays_a_hole(name: str) -> None:
    """A value that equals some literal of the program isn't one: it leaves only where the call says it."""
    kept = _told(name, name)
    assert kept == "{what} {key} isn't free"
    kept = _noted(*NAMES, what=name)
    assert kept == "{what} {…} isn't noted"
    with pytest.raises(LookupError) as raised:
        _Rooms().get(name, reason=name)
    assert _message(raised.value) == "Room with key {key} is {reason} today"
    with pytest.raises(_MissingError) as missing:
        raise _MissingError(name, name)
    assert _message(missing.value) == "{what} {key} not found"


def _labelled(label: str) -> Callable[[Callable[[str], str]], Callable[[str], str | None]]:
    def decorate(function: Callable[[str], str]) -> Callable[[str], str | None]:
        @functools.wraps(function)
        def inner(key: str) -> str | None:
            function(key)
            return judge(f"{label} isn't done for {key}", Running(sys._getframe())).text

        return inner

    return decorate


@_labelled("weekly")
def _weekly(key: str) -> str:
    return key


def _prefixed(prefix: str) -> Callable[[str], str | None]:
    return lambda key: _say(prefix, key)


def _say(prefix: str, key: str) -> str | None:
    return judge(f"{prefix} isn't heard by {key}", Running(sys._getframe())).text


@pytest.mark.parametrize("name", NAMES)
def test_a_closure_holds_the_literals_that_made_it(name: str) -> None:
    """What a decorator or a function that returns one was given leaves as the literal; what a variable gave doesn't."""
    left = _weekly(name)
    assert left == "weekly isn't done for {key}"
    daily = _labelled("daily")(str)
    left = daily(name)
    assert left == "daily isn't done for {key}"
    named = _labelled(name)(str)
    left = named(name)
    assert left == "{label} isn't done for {key}"
    left = _prefixed("bell")(name)
    assert left == "{prefix} isn't heard by {key}"
