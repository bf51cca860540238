"""Texts that are assigned, tabled or documented elsewhere, and told later: followed to the source; no data's choice."""

from __future__ import annotations

import sys
from enum import Enum
from types import SimpleNamespace

from pazpaz_otel.redact.provenance.assigned import assigned_in
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge


def _left(text: str | None) -> str | None:
    return judge(text, Running(sys._getframe(1))).text


def _gettext(text: str) -> str:
    return text


class _Code(Enum):
    EXPIRED = ("E10", "the prescription has expired by now")
    WRONG = ("E11", "it went to a wrong pharmacy")

    @property
    def told(self) -> str:
        return self.value[1]


ADVICE = {_Code.EXPIRED: "please call its pharmacy first", _Code.WRONG: "please call that pharmacy"}
TOLD = SimpleNamespace(closing="this ward closes for cleaning")
TRANSLATED = _gettext("translated where the module begins")


class _Ward:
    """Nobody answered this ward's phone."""

    def __init__(self, told: str) -> None:
        self.failure = "the pharmacy's link is down for now"
        self.told = told

    def open(self, told: str) -> None:
        """Assign what data says, and a literal."""
        self.told = "a literal beside what data says"
        self.mixed = "one that is always a literal" if told else f"always one of the source for {told}"

    def fails(self) -> str | None:
        """What leaves of an attribute that is a literal always."""
        return _left(self.failure)

    def tells(self) -> str | None:
        """What leaves of an attribute that data may write."""
        return _left(self.told)

    def mixes(self) -> str | None:
        """What leaves of an attribute that is one of several texts."""
        return _left(self.mixed)

    def documents(self) -> str | None:
        """What leaves of a docstring that is told."""
        return _left(self.__doc__)


def test_an_enums_property_and_a_tables_item_by_its_member_leave():
    """The texts that a member is written with, and what stands under it in a dictionary of the source."""
    left = _left(_Code.EXPIRED.told)
    assert left == "the prescription has expired by now"
    left = _left(ADVICE[_Code.EXPIRED])
    assert left == "please call its pharmacy first"


def test_a_member_that_data_chose_tells_nothing():
    """Which member it is, data says: neither its text nor what stands under it leaves."""
    chosen = _Code(("E11", "it went to a wrong pharmacy"))
    assert _left(chosen.told) is None
    assert _left(ADVICE[chosen]) is None


def test_attributes_of_namespaces_and_what_a_function_was_given_leave():
    """`SimpleNamespace(closing="…").closing`, and a constant that a function such as gettext made of a literal."""
    left = _left(TOLD.closing)
    assert left == "this ward closes for cleaning"
    left = _left(TRANSLATED)
    assert left == "translated where the module begins"


def test_an_attribute_leaves_if_every_assignment_is_a_text():
    """`self.failure = "…"`; an attribute that a parameter is assigned to as well may hold anything."""
    ward = _Ward("dvora")
    assert ward.fails() == "the pharmacy's link is down for now"
    ward.open("levinson")
    assert ward.mixes() == "one that is always a literal"
    assert ward.tells() is None
    ward.open("")
    assert ward.mixes() == "always one of the source for {told}"


def test_a_docstring_that_is_told_leaves():
    """`super().__init__(self.__doc__)` tells a text of the source."""
    assert _Ward("dvora").documents() == "Nobody answered this ward's phone."


def _groups(scope: SimpleNamespace, event: dict[str, object], data: str) -> None:
    scope.fingerprint = ["grouped by a literal", data]
    event["fingerprint"] = ["grouped by an item"]


def test_what_a_function_assigns_is_what_its_source_has():
    """A display's literals under that name, and nothing that data makes."""
    found = assigned_in(_groups.__code__, _groups.__globals__, "fingerprint")
    assert found.literals == {"grouped by a literal", "grouped by an item"}
    assert assigned_in(_groups.__code__, _groups.__globals__, "release").literals == frozenset()
