"""Texts given to an object, a tuple or a class before they are said leave by their form; what data picks stays."""

from __future__ import annotations

import sys
from typing import ClassVar, Final

import pytest

from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

NAMES = [bytes.fromhex("44616e61204c657669").decode(), "305123456", "dana@example.org"]
KEY = bytes.fromhex("66756c6c").decode()


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return a value that isn't in the source."""
    return str(request.param)


class Problems:
    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def add(self, field: str, text: str) -> None:
        self._texts[field] = text

    def first(self) -> str | None:
        return next(_left(text) for text in self._texts.values())

    def of(self, field: str) -> str | None:
        return _left(self._texts[field])

    def fail(self) -> None:
        raise ValueError(next(iter(self._texts.values())))


def test_a_text_given_to_an_object_leaves_when_the_object_says_it(name: str) -> None:
    """The function that gave it calls the object; the value in it stays."""
    problems = Problems()
    problems.add("street", f"the street of {name} has no number")
    left = problems.first()
    assert left == "the street of {name} has no number"


def test_an_exception_leaves_with_a_text_that_its_object_was_given(name: str) -> None:
    """The object raises it, long after the text was composed."""
    problems = Problems()
    problems.add("phone", f"the phone of {name} is too short")
    with pytest.raises(ValueError, match="is too short") as raised:
        problems.fail()
    assert judge_message(raised.value).text == "the phone of {name} is too short"


def test_a_value_given_to_an_object_stays(name: str) -> None:
    """Neither a value nor one word of the source is a sentence."""
    problems = Problems()
    problems.add("name", name)
    problems.add("state", "anorexic")
    assert problems.first() is None
    assert problems.of("state") is None


def test_an_object_filled_with_literals_is_a_table(name: str) -> None:
    """Which of them was said tells what the data was, so none leaves; the only one tells nothing."""
    labels = Problems()
    labels.add("a", "an episode of deep depression")
    labels.add("b", "an episode of lasting anxiety")
    assert labels.of("ab"[len(name) % 2]) is None
    single = Problems()
    single.add("a", "the form lacks a signature")
    assert single.of("a") == single._texts["a"]


def _checked(name: str) -> tuple[bool, str]:
    if not name:
        return True, ""
    return False, f"the record of {name} isn't signed"


def _looked_up(name: str) -> tuple[bool, str]:
    return True, name


def _diagnosed(code: int) -> tuple[int, str]:
    if code == 1:
        return 1, "first of the diagnosed kinds"
    if code == 2:
        return 2, "second of the diagnosed kinds"
    return 3, "third of the diagnosed kinds"


def test_an_item_of_a_returned_tuple_leaves_as_its_template(name: str) -> None:
    """The names that it is unpacked to refer to the function's return statements."""
    is_valid, problem = _checked(name)
    assert not is_valid
    left = _left(problem)
    assert left == "the record of {name} isn't signed"


def test_an_item_that_holds_a_value_or_one_of_many_literals_stays(name: str) -> None:
    """A tuple proves no more than a text that is returned alone."""
    _, found = _looked_up(name)
    assert _left(found) is None
    _, label = _diagnosed(len(name) % 3)
    assert _left(label) is None


def _reported(name: str, short: str, long: str | None = None) -> str | None:
    return _left(f"{name}: {long or short}")


def test_a_message_or_its_default_is_filled_in(name: str) -> None:
    """`{long or short}` shows whichever the caller gave, by its own form."""
    left = _reported(name, "unread", f"could not read the file of {name}")
    assert left == "{name}: could not read the file of {name}"
    left = _reported(name, "could not read the score")
    assert left == "{name}: could not read the score"


def test_values_in_place_of_a_message_stay(name: str) -> None:
    """Nothing is filled in that the caller's source doesn't make."""
    assert _reported("x", "y", f"{name} {name} {name}") is None


class ClosedError(Exception):
    reason = "The hall is closed for rehearsals."

    def __init__(self, wait: int | None = None, reason: str | None = None) -> None:
        told = reason or self.reason
        if wait:
            told = " ".join((str(told), f"Come back in {wait} minutes."))
        super().__init__(told)


def test_a_text_made_of_an_attribute_leaves_with_it(name: str) -> None:
    """`str(text)` is the text that it was; a value instead of it stays."""
    with pytest.raises(ClosedError) as raised:
        raise ClosedError(len(name))
    assert judge_message(raised.value).text == "The hall is closed for rehearsals. Come back in {wait} minutes."
    with pytest.raises(ClosedError) as raised:
        raise ClosedError(len(name), name)
    assert judge_message(raised.value).text == "{…} Come back in {wait} minutes."


class Refusals:
    gone: Final = LookupError("the tracking page was taken down")
    other = LookupError("the page moved to another place")


def test_an_exception_that_a_class_holds_leaves_with_its_text(name: str) -> None:
    """It is created once, with the class, and raised often; one that replaced it isn't of the source."""
    with pytest.raises(LookupError) as raised:
        raise Refusals.gone
    assert judge_message(raised.value).text == "the tracking page was taken down"
    Refusals.other = LookupError(name)
    with pytest.raises(LookupError) as raised:
        raise Refusals.other
    assert judge_message(raised.value).text is None


def test_a_system_error_leaves_with_the_programs_own_text(name: str) -> None:
    """The file's name stays, and a text that the source doesn't make does as well."""
    with pytest.raises(FileNotFoundError) as raised:
        raise FileNotFoundError(2, f"the scan of {name} is gone", f"/scans/{name}.pdf")
    assert judge_message(raised.value).text == "[Errno 2] the scan of {name} is gone: '{…}'"
    with pytest.raises(FileNotFoundError) as raised:
        raise FileNotFoundError(2, name, f"/scans/{name}.pdf")
    assert judge_message(raised.value).text is None


class Check:
    messages: ClassVar = {
        "late": "{name} came too late to be seen",
        "closed": "the desk is closed on that day",
        "word": "hypertension",
        "opens": "the desk opens again on that day",
        "full": "the desk has no free place today",
    }

    def __init__(self) -> None:
        self.notes = {"late": bytes.fromhex("44616e61204c6576692063616d65206c617465").decode()}

    def late(self, name: str) -> str | None:
        return _left(self.messages["late"].format(name=name))

    def closed(self) -> str | None:
        return _left(self.messages.get("closed"))

    def word(self) -> str | None:
        return _left(self.messages["word"])

    def picked(self, key: str) -> str | None:
        return _left(self.messages[key])

    def note(self) -> str | None:
        return _left(self.notes["late"])


def test_a_class_s_table_of_messages_is_read_by_its_keys(name: str) -> None:
    """A constant key of a table that the class holds; a picked key, a single word and what objects hold stay."""
    check = Check()
    left = [check.late(name), check.closed(), check.word(), check.note(), check.picked(KEY)]
    assert left == ["{name} came too late to be seen", "the desk is closed on that day", None, None, None]


def test_what_the_program_has_said_stays_where_data_picks_it():
    """A proof is one of its place: what another statement said doesn't count."""
    check = Check()
    said = _left("the desk opens again on that day")
    again = check.picked(bytes.fromhex("6f70656e73").decode())
    assert (said, again) == ("the desk opens again on that day", None)
