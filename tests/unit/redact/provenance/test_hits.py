"""A composed text is proven once a place; later ones leave by what the place proved, as a new proof would say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import text
from pazpaz_otel.redact.provenance import places
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ("Dana Levi", "] job: a ", "", "one two three four", "is full at", "Ünal")


def _left(made: str) -> str | None:
    return text.judge(made, Running(sys._getframe(1))).text


class _Room:
    def __init__(self, name: str) -> None:
        self.name = name

    def told(self) -> str:
        return f"the room {self.name} is full"

    def tell(self, message: str) -> str | None:
        return _left(f"[{self.name}] {message}")

    def job(self, message: str) -> str | None:
        return self.tell(f"job: {message}")


def _plain(name: str) -> str | None:
    return _left(f"no slot for {name} in this clinic")


def _called(name: str) -> str | None:
    return _left(_Room(name).told())


def _wrapped(name: str) -> str | None:
    return _Room(name).tell(f"no room for {name} this week")


def _wrapped_elsewhere(name: str) -> str | None:
    return _Room(name).tell(f"no bed for {name} this week")


def _wrapped_twice(name: str) -> str | None:
    return _Room(name).job(f"one import of {name} failed")


def _wrapped_twice_elsewhere(name: str) -> str | None:
    return _Room(name).job(f"another import of {name} failed")


def _either(name: str) -> str | None:
    return _Room(name).tell(f"{name} is late" if len(name) % 2 else f"{name} is late again")


def _missing(kind: str, name: str, reason: str = "gone") -> str | None:
    return _left(f"{kind} {name} is {reason} for today")


def _constant(name: str) -> str | None:
    return _missing("Referral", name)


def _other_constant(name: str) -> str | None:
    return _missing(name, name, reason="late") or _missing("Room", name)


def _passed_on(name: str) -> str | None:
    return _Room(name).tell(name)


SHAPES = (
    _plain,
    _called,
    _wrapped,
    _wrapped_elsewhere,
    _wrapped_twice,
    _wrapped_twice_elsewhere,
    _either,
    _passed_on,
    _constant,
    _other_constant,
)


def _forget() -> None:
    text._proven.clear()
    places.PLACES.clear()


def _anew(shape: Callable[[str], str | None], name: str) -> str | None:
    _forget()
    return shape(name)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_hit_says_what_a_new_proof_would(*, backwards: bool) -> None:
    """Whatever was proven before, in any order, the same call leaves the same template, and never a value."""
    cases = [(shape, name) for name in NAMES for shape in SHAPES]
    expected = {case: _anew(*case) for case in cases}
    _forget()
    for _ in range(3):
        for case in reversed(cases) if backwards else cases:
            assert case[0](case[1]) == expected[case], case
    assert not [left for left in expected.values() if left and ("Dana" in left or "Ünal" in left)]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (_plain, "no slot for {name} in this clinic"),
        (_called, "the room {self.name} is full"),
        (_wrapped, "[{self.name}] no room for {name} this week"),
        (_wrapped_twice, "[{self.name}] job: one import of {name} failed"),
        (_constant, "Referral {name} is gone for today"),
    ],
)
def test_a_later_text_of_a_place_is_not_searched_for(
    shape: Callable[[str], str | None], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once its places are known, a composed text leaves without a search of the source."""
    _forget()
    left: list[str | None] = []
    for number in range(6):
        if number == 3:
            monkeypatch.setattr(text, "search", lambda made, _spots: pytest.fail(f"searched for {made}"))
        left.append(shape(f"Dana {number}"))
    assert left == [expected] * 6
