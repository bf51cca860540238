# ruff: noqa: UP031, UP032, FLY002, SIM108 - the old forms are what is tested
"""Composed texts leave as the source composes them, without anything of a value."""

from __future__ import annotations

import enum
import sys
import textwrap
from typing import Any

import pytest

from pazpaz_otel.redact import text
from pazpaz_otel.redact.messages import Messages
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import Kept, Template, judge

CLOSED = "the clinic is closed"
NO_SLOT = "no slot in the book for {}"
LABELS = {"F32": "a depressive episode", "F41": "an anxiety disorder"}
NOT_FOUND = "Client Not Found"
SAMPLE = "Dana Levi-Abramov"
NUMBER = "file 305123456"


class Reason(enum.Enum):
    NO_SHOW = "did not come"
    SICK_LEAVE = "Sick Leave"
    FIRST = "Dana Levi"


# What a script reads is bound at its module's level.
PICKED = "".join(["F", "32"])
PICKED_REASON = Reason("did not come")
PICKED_LABEL = LABELS[PICKED]
KNOWN, KNOWN_REASON = "F41", Reason.NO_SHOW
TOLD = {Reason.NO_SHOW: "nobody was there", Reason.SICK_LEAVE: "on leave for long"}


class Picked:
    code = PICKED
    reason = PICKED_REASON


class Samples:
    DANA_LEVI = "Dana Levi"


class Mixed(str, enum.Enum):  # noqa: UP042 - the old mixture is what is tested
    LATE = "came too late"


class Texts:
    BUSY = "the room is busy"

    def tell(self) -> str | None:
        return _left(self.BUSY)


class Quiet(Texts):
    BUSY = "the room is quiet"


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


def _composed(who: str) -> str:
    start = f"composed by a helper for {who}"
    return start.strip()


def _either(code: str) -> str:
    if code:
        return "one of two arms of a helper"
    return "the other of two arms of a helper"


def _any_of(code: str) -> str:
    if code == "F32":
        return f"a first of a helper about {code}"
    if code == "F33":
        return f"a second of a helper about {code}"
    return f"a third of a helper about {code}"


def _chosen(code: str) -> str:
    if code == "F32":
        return "a label of one code"
    if code == "F33":
        return "a label of another code"
    return "a label of any other"


def _told(message: object) -> str | None:
    return judge(str(message), Running(sys._getframe(1))).text


def _default(message: str = "told by default") -> str | None:
    return _left(message)


def _given(message: str) -> str | None:
    return _left(message)


@pytest.fixture(autouse=True)
def _forget() -> None:
    text._proven.clear()


@pytest.fixture
def name() -> str:
    """A value that no source holds."""
    return bytes.fromhex("44616e61204c657669").decode()


def test_values_leave_as_their_dotted_names(name: str) -> None:
    """F-strings, `format`, `%`, sums and joins keep their literal pieces and the plain names of their values."""
    slot = type("Slot", (), {"start": name})()
    assert _left(f"no slot for {name!r} at {slot.start:>{30}}") == "no slot for {name} at {slot.start}"
    assert _left("no slot for {} at {who.start}".format(name, who=slot)) == "no slot for {name} at {slot.start}"
    assert _left("no slot for %(who)s" % {"who": name}) == "no slot for {name}"
    assert _left("no slot for %5s, 100%%" % name) == "no slot for {name}, 100%"
    assert _left("no slot for " + name + " today") == "no slot for {name} today"
    assert _left("missing: " + ", ".join([name, "a phone"])) == "missing: {name}, a phone"
    assert _left(f"no slot for {name.upper()}") == "no slot for {…}"
    assert _left("no slot for {}".format(*[name])) == "no slot for {…}"


def test_a_value_that_looks_like_the_source_changes_nothing() -> None:
    """Values that hold the literal pieces, that are empty or huge, or that equal another template stay here."""
    for value in (" at ", "", "x" * 100_000, "no slot for {name}", "\n", "%s"):
        assert _left(f"no slot for {value} at {value}") == "no slot for {value} at {value}"


def test_a_form_without_a_word_proves_nothing(name: str) -> None:
    """A composition of values and punctuation alone is no text of the source."""
    other = name
    assert _left(f"{name}{other}") is None
    assert _left(f"{name}: {other}") is None
    assert _left("{}, {}".format(name, other)) is None
    assert _left(", ".join([name, other])) is None


def test_a_template_that_came_as_data_proves_nothing(name: str) -> None:
    """A format string that no source holds is a value like any other."""
    template = bytes.fromhex("626164207061746965 6e74207b7d".replace(" ", "")).decode()
    assert _left(template.format(name)) is None
    assert _left(template + name) is None


def test_a_text_that_data_chose_is_not_proven(name: str) -> None:
    """A look-up by anything but a constant proves nothing, a conditional between two literals does."""
    code = "F" + str(len(name) + 23)
    assert _left(LABELS[code]) is None
    assert _left(LABELS.get(code)) is None
    assert _left({"F32": "a depressive disorder"}[code]) is None
    assert _left({"F32": "a depressive mood"}.get(code)) is None
    assert _left(["a mild one", "a severe one"][len(name) - 9]) is None
    local = {"F32": "a local label"}
    chosen = local[code]
    assert _left(chosen) is None
    left = _left("it is open" if name else "it is shut")
    assert left == "it is open"
    left = _left(LABELS["F41"])
    assert left == "an anxiety disorder"
    left = _left(local["F32"])
    assert left == "a local label"


def test_a_name_of_the_module_may_hold_what_data_chose() -> None:
    """A script's variables are its module's: a look-up by one proves nothing, by a constant or a member it does."""
    assert _left(LABELS[PICKED]) is None
    assert _left(LABELS.get(PICKED)) is None
    assert _left(TOLD[PICKED_REASON]) is None
    assert _left(TOLD.get(PICKED_REASON)) is None
    assert _left(LABELS[Picked.code]) is None
    assert _left(TOLD[Picked.reason]) is None
    assert _left(PICKED_LABEL) is None
    left = _left(LABELS[KNOWN])
    assert left == "an anxiety disorder"
    left = _left(TOLD[KNOWN_REASON])
    assert left == "nobody was there"
    left = _left(TOLD[Reason.NO_SHOW])
    assert left == "nobody was there"


def test_a_table_of_the_function_is_looked_up_by_a_member() -> None:
    """As one of the module is; what data picks, or puts into it, proves nothing."""
    told = {Reason.NO_SHOW: "nobody stood there", Reason.SICK_LEAVE: "on a long leave"}
    # An assertion that contains the text would prove it itself.
    named = _left(told[Reason.NO_SHOW])
    asked = _left(told.get(Reason.SICK_LEAVE))
    picked = _left(told[PICKED_REASON])
    for reason in Reason:
        told[reason] = "".join(["Dana ", "Levi"])
    filled = _left(told[Reason.NO_SHOW])
    assert (named, asked, picked, filled) == ("nobody stood there", "on a long leave", None, None)


def test_names_are_followed_to_what_the_source_binds_them_to_once(name: str) -> None:
    """Local variables, constants of modules and classes, enum members, defaults and callers' arguments."""
    message = f"assigned for {name}"
    assert _left(message) == "assigned for {name}"
    assert _left(CLOSED) == CLOSED
    assert _left(NO_SLOT.format(name)) == "no slot in the book for {name}"
    left = _left(Reason.NO_SHOW.value)
    assert left == "did not come"
    left = _left(Texts.BUSY)
    assert left == "the room is busy"
    assert (Texts().tell(), Quiet().tell()) == ("the room is busy", "the room is quiet")
    assert _default() == "told by default"
    assert _given(f"composed by a caller for {name}") == "composed by a caller for {name}"
    added = "a first half"
    added += f" and one for {name}"
    assert _left(added) == "a first half and one for {name}"
    if name:
        state = "one of two arms"
    else:
        state = "the other arm"
    left = _left(state)
    assert left == "one of two arms"


def test_a_name_that_several_assignments_bind_to_texts_is_followed(name: str) -> None:
    """Of a few assignments, each of a text of the source, whichever was made leaves."""
    label = "a first label"
    if name:
        label = f"a second label for {name}"
    assert _left(label) == "a second label for {name}"
    match len(name):
        case 0:
            state = "no name given"
        case 1:
            state = "an initial"
        case _:
            state = "a whole name"
    left = _left(state)
    assert left == "a whole name"
    try:
        told = str(int(name))
    except ValueError:
        told = "no number given"
    assert _left(told) is None


def test_a_tuple_assigned_to_a_tuple_is_followed(name: str) -> None:
    """What stands in a name's place on the right is what it was assigned."""
    count, told = len(name), f"one of two, for {name}"
    (inner, _), plain = ("nested in a tuple", count), "beside a nested tuple"
    assert _left(told) == "one of two, for {name}"
    left = _left(inner)
    assert left == "nested in a tuple"
    left = _left(plain)
    assert left == "beside a nested tuple"


def test_a_name_that_data_may_have_bound_is_not_followed(name: str) -> None:
    """Loops, assignments of what is no text of the source, and unpacking bind a name to what the source doesn't say."""
    label = "a first label"
    if name:
        label = name and "a second label".replace("second", name)
    assert _left(label) is None
    for each in ("looped once", "looped twice"):
        assert _left(each) is None
    one, _ = sorted(("unpacked text", "an unpacked text"))
    assert _left(one) is None


def test_capitalised_constants_that_say_what_happened_are_followed() -> None:
    """Phrases of errors and states, and members of enums that say no more than their names, are no samples."""
    left = _left(NOT_FOUND)
    assert left == "Client Not Found"
    left = _left(Reason.SICK_LEAVE.value)
    assert left == "Sick Leave"
    assert _left(Reason.FIRST.value) is None
    assert _left(Samples.DANA_LEVI) is None


def test_a_function_that_returns_one_text_is_followed(name: str) -> None:
    """A helper that composes a message makes it in the source; of several literals, data may choose."""
    assert _left(_composed(name)) == "composed by a helper for {who}"
    left = _left(_either(name))
    assert left == "one of two arms of a helper"
    assert _left(_any_of(name)) == "a third of a helper about {code}"
    assert _left(_chosen(name)) is None


def test_a_rule_that_the_compiler_writes_out_leaves() -> None:
    """`"=" * 60` between lines of a log is the source's own text."""
    # Outside of an assertion, which pytest takes apart before the compiler sees it.
    rule, headed = _left("=" * 60), _left("head " + "-" * 4)
    assert (rule, headed) == ("=" * 60, "head ----")


def test_white_space_is_taken_away_as_the_source_does(name: str) -> None:
    """`textwrap.dedent`, `inspect.cleandoc` and the strips keep a text's pieces and places."""
    text = textwrap.dedent(f"""
        the book is closed
          for {name} today
    """).strip()
    assert _left(text) == "the book is closed\n  for {name} today"
    left = _left("  stripped on the left".lstrip())
    assert left == "stripped on the left"
    assert _left(textwrap.dedent(name)) is None


def test_an_enums_member_is_told_as_python_prints_it() -> None:
    """A member that is a text itself prints as class and name."""
    assert _told(Mixed.LATE) == "Mixed.LATE"
    assert _told(Mixed.LATE.value) == "came too late"


def test_a_constant_that_reads_like_a_sample_must_stand_in_the_statement() -> None:
    """A person's name or a long number in a constant isn't followed: it is more likely data than a message."""
    assert _left(SAMPLE) is None
    assert _left(NUMBER) is None


def test_the_order_of_proof_is_literal_template_message(name: str) -> None:
    """A policy's message doesn't swallow a literal, nor a template."""
    messages = Messages(["Room {n}", "Bed {n}"])

    def found(made: str) -> Any:
        return judge(made, Running(sys._getframe(1)), messages)

    assert found("Room booked") == Kept("Room booked")
    assert found(f"Room of {name}") == Template("Room of {name}")
    assert found(bytes.fromhex("42656420").decode() + name) == Template("Bed {n}")
    assert found(name).text is None


def test_a_policys_messages_are_its_own() -> None:
    """A second policy's messages don't widen the first one's."""
    made = bytes.fromhex("526f6f6d2037").decode()
    assert judge(made, (), Messages(["Room {n}"])).text == "Room {n}"
    assert judge(made, (), Messages()).text is None
