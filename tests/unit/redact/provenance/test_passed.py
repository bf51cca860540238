"""What a call passes on is followed into the function, property or constructor that composes the text; no value is."""

from __future__ import annotations

import operator
import sys
from enum import Enum

import pytest

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import PLACEHOLDER, judge

PREFIX = "[rooms] "


def _left(text: str) -> str | None:
    return judge(text, Running(sys._getframe(1))).text


def _message(exc: Exception) -> str | None:
    try:
        raise exc
    except Exception as raised:
        return view(raised).message


class _MacroError(Exception):
    TEXTS = {"missing": "the macro isn't there", "disabled": "the macro was switched off"}  # noqa: RUF012

    def __init__(self, kind: str) -> None:
        super().__init__(self.TEXTS[kind])


class _Reason(Enum):
    LATE = "late"
    FULL = "full"

    @property
    def told(self) -> str:
        return f"closed for the reason {self.value}"

    @property
    def long(self) -> str:
        return _LONG[self]


_LONG = {_Reason.LATE: "it was far too late", _Reason.FULL: "every place was taken"}


class _Room:
    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def title(self) -> str:
        return f"room {self.name} upstairs"


def _explain(kind: str) -> str:
    return {"late": "the answer came too late", "short": "the answer was too short"}[kind]


@pytest.fixture(params=["Dana Levi", "305123456", "missing", "late"])
def name(request: pytest.FixtureRequest) -> str:
    """What stands for a patient, or equals a key of the source's tables."""
    return str(request.param)


def test_a_look_up_by_a_literal_argument_is_followed() -> None:
    """The caller's literal is the key, in a constructor's table and in a function's."""
    with pytest.raises(_MacroError) as raised:
        raise _MacroError("disabled")
    message = view(raised.value).message
    assert message == "the macro was switched off"
    left = _left(_explain("short"))
    assert left == "the answer was too short"


def test_what_data_looks_up_is_not_followed(name: str) -> None:
    """A key that is a value chooses from the table: its text stays."""
    if name in _MacroError.TEXTS:
        assert _message(_MacroError(name)) == PLACEHOLDER
    if name == "late":
        left = _left(_explain(name))
        assert left is None
        left = _left(_Reason(name).long)
        assert left is None


def test_a_member_that_the_source_names_is_known_to_its_properties() -> None:
    """A property of a named member composes a text, or looks the member up."""
    left = _left(_Reason.LATE.told)
    assert left == "closed for the reason {self.value}"
    left = _left(_Reason.FULL.long)
    assert left == "every place was taken"


def test_a_composition_within_a_composition_is_followed(name: str) -> None:
    """What a property or a local variable composes leaves within the text; a constant stays a hole with its name."""
    room = _Room(name)
    summary = f"{name} and others were moved"
    left = _left("printing " + room.title)
    assert left == "printing room {self.name} upstairs"
    left = _left(f"{summary}, to {room}")
    assert left == "{name} and others were moved, to {room}"
    left = _left(PREFIX + f"is taken by {name}")
    assert left == "{PREFIX}is taken by {name}"


def test_operators_written_as_calls_compose(name: str) -> None:
    """`operator` and the methods behind operators make the texts that the operators make."""
    left = _left(operator.concat("opened by ", name))
    assert left == "opened by {name}"
    left = _left("closed by ".__add__(name))
    assert left == "closed by {name}"
    left = _left(operator.mod("moved by %s", name))
    assert left == "moved by {name}"


def test_a_dictionary_that_is_raised_whole_keeps_its_literals(name: str) -> None:
    """An exception takes all of a display that a name holds; a call that may choose from it proves nothing."""
    body = {"reason": "the folder is locked", "who": name}
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError(body)
    message = view(raised.value).message
    assert message is not None
    assert "the folder is locked" in message
    assert name not in message.replace("{…}", "")
    labels = {"late": "a label that data chose", "305123456": "another label that data chose"}
    if name in labels:
        left = _left(_pick(labels, name))
        assert left is None


def _pick(labels: dict[str, str], key: str) -> str:
    return labels[key]


def _tell(first: str, second: str) -> str | None:
    return judge(f"<{first}> <{second}>", Running(sys._getframe(0))).text


def test_a_wrapped_message_leaves_the_same_each_time(name: str) -> None:
    """What is remembered of a wrapper tells which of its parameters was a message of the caller."""
    left = [
        (_tell("the room is taken", name), _tell(name, "the room is taken"))  # the same text, passed as either
        for _ in range(4)
    ]
    assert left == [("<the room is taken> <{second}>", "<{first}> <the room is taken>")] * 4


class _ProblemsError(Exception):
    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))


def _check(who: str, *, is_old: bool) -> None:
    problems = [f"the room of {who} is cold"]
    if is_old:
        problems.append(f"the key of {who} is rusty")
    if problems:
        raise _ProblemsError(problems)


def _check_each(names: list[str]) -> None:
    raise _ProblemsError([f"the bed of {name} is short" for name in names])


def test_the_items_of_a_list_that_is_passed_leave_as_their_templates() -> None:
    """What an exception joins leaves as what its caller put into the list, as far as the caller's source tells."""
    with pytest.raises(_ProblemsError) as one:
        _check("iveL anaD"[::-1], is_old=False)
    with pytest.raises(_ProblemsError) as two:
        _check("iveL anaD"[::-1], is_old=True)
    with pytest.raises(_ProblemsError) as each:
        _check_each(["iveL anaD"[::-1], "hoR"[::-1]])
    with pytest.raises(_ProblemsError) as unknown:
        raise _ProblemsError(["iveL anaD"[::-1]])
    assert [view(raised.value).message for raised in (one, two, each, unknown)] == [
        "the room of {who} is cold",
        "the room of {who} is cold; the key of {who} is rusty",
        "the bed of {name} is short",
        PLACEHOLDER,
    ]


_NUMBERED = {1001: "the sluice is frozen over", 1002: "the sack of {who} is torn"}


class _NumberedError(Exception):
    def __init__(self, number: int, **given: str) -> None:
        super().__init__(_NUMBERED[number].format(**given))


def _numbered(number: int, who: str) -> None:
    raise _NumberedError(number, who=who)


def test_a_number_that_is_passed_picks_a_text_of_a_table() -> None:
    """A look-up by a number that the raising statement passes tells the text; a look-up by a variable does not."""
    with pytest.raises(_NumberedError) as whole:
        raise _NumberedError(1001)
    with pytest.raises(_NumberedError) as composed:
        raise _NumberedError(1002, who="iveL anaD"[::-1])
    with pytest.raises(_NumberedError) as chosen:
        _numbered(1001, "iveL anaD"[::-1])
    assert [view(raised.value).message for raised in (whole, composed, chosen)] == [
        "the sluice is frozen over",
        "the sack of {who} is torn",
        PLACEHOLDER,
    ]


def _group(who: str) -> None:
    raise ExceptionGroup("morning", [ExceptionGroup("first floor", [ValueError(f"the belt of {who} is slack")])])


def test_a_member_of_a_member_leaves_as_its_template() -> None:
    """An exception that is made for a group inside a group chooses its text from no table."""
    with pytest.raises(ExceptionGroup) as raised:
        _group("iveL anaD"[::-1])
    told = view(raised.value).members[0].members[0].message
    assert told == "the belt of {who} is slack"
