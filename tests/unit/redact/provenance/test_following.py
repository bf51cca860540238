"""Texts that the running statement doesn't hold itself, followed to where the source makes them; and no value."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import string
import sys
from enum import Enum
from typing import NamedTuple

import pytest

from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge


def _left(text: str) -> str | None:
    return judge(text, Running(sys._getframe(1))).text


class _Slot:
    def __init__(self, name: str) -> None:
        self.name = name

    def described(self) -> str:
        return f"the slot of {self.name} is described"

    @property
    def titled(self) -> str:
        return f"the slot of {self.name} is titled"

    def __str__(self) -> str:
        return f"the slot of {self.name} is printed"

    def chosen(self) -> str:
        if self.name == "F32":
            return "a method's label of one code"
        if self.name == "F33":
            return "a method's label of another code"
        return "a method's label of any other"


@dataclasses.dataclass
class _Rule:
    name: str
    text: str = "a rule without its own words"


class _Notice(NamedTuple):
    code: str
    text: str = "a notice without its own words"


class _Plain:
    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.told = text


class _Channel(Enum):
    SMS = ("sms", "a message went out by SMS")

    def __init__(self, slug: str, text: str) -> None:
        self.slug, self.text = slug, text


RULE = _Rule("late", "the rule of late clients")
RULES = [_Rule("first", "the first rule of a list"), _Rule("second", "the second rule of a list")]
CODES = [_Rule("F32", "the label of one code"), _Rule("F33", "the label of another code")]
PARTIAL = functools.partial("{} and {}".format, "handed to a partial of the module")
REFUSED = PermissionError("made once by the module")


@pytest.fixture(params=["Dana Levi", "305123456", "dana@example.org", ""])
def name(request: pytest.FixtureRequest) -> str:
    """What stands for a patient."""
    return str(request.param)


def test_what_a_method_or_property_makes_is_followed(name: str) -> None:
    """The methods of the module's classes count by their names; of several literals, data may choose."""
    slot = _Slot(name)
    assert _left(slot.described()) == "the slot of {self.name} is described"
    assert _left(slot.titled) == "the slot of {self.name} is titled"
    assert _left(str(slot)) == "the slot of {self.name} is printed"
    assert _left(slot.chosen()) is None


def test_what_a_function_inside_makes_is_followed(name: str) -> None:
    """Nested functions, lambdas and partials make their texts in the same source."""

    def nested(who: str) -> str:
        def deeper() -> str:
            return f"a nested function tells of {who}"

        return deeper()

    told = lambda who: f"a lambda tells of {who}"  # noqa: E731
    bound = functools.partial(_left, "handed to a partial of the function")
    assert _left(nested(name)) == "a nested function tells of {who}"
    assert _left(told(name)) == "a lambda tells of {who}"
    assert bound() == "handed to a partial of the function"
    assert _left(PARTIAL.args[0]) is None


def test_a_function_that_calls_itself_ends() -> None:
    """Following has an end, however the source goes round in circles."""

    def circle(depth: int) -> str:
        return circle(depth - 1) if depth else "at the end of a circle"

    made = circle(3)
    assert _left(made) in {None, "at the end of a circle"}
    assert _left(circle(2)) in {None, "at the end of a circle"}


def test_names_of_the_functions_around_are_followed(name: str) -> None:
    """A closure's text was assigned in the function around it."""
    whole, composed = "assigned by the function around", f"assigned around for {name}"

    def inside() -> list[str | None]:
        return [_left(whole), _left(composed)]

    assert inside() == ["assigned by the function around", "assigned around for {name}"]
    text = f"assigned alone around for {name}"

    def alone() -> str | None:
        return _left(text)

    assert alone() == "assigned alone around for {name}"


def test_attributes_of_what_the_source_constructs_are_followed(name: str) -> None:
    """Fields of dataclasses and named tuples, and what a constructor assigns, hold the arguments or the defaults."""
    rule = _Rule(name, "the rule of this function")
    default = _Rule(name)
    made = _Plain(name, text="told by a plain class")
    assert _left(RULE.text) == "the rule of late clients"
    assert _left(RULES[0].text) == "the first rule of a list"
    assert _left(_Notice("x").text) == "a notice without its own words"
    assert _left(_Channel.SMS.text) == "a message went out by SMS"
    assert _left(rule.text) == "the rule of this function"
    assert _left(default.text) == "a rule without its own words"
    assert _left(made.told) == "told by a plain class"


def test_a_value_in_a_construction_is_no_text(name: str) -> None:
    """An argument that isn't the source's proves nothing, nor does an item that data picks."""
    made = _Plain(name, text=name)
    index = len(name) % 2
    assert _left(made.told) in {None, ""}
    assert _left(CODES[index].text) is None


def test_an_exception_that_a_module_makes_once_is_followed() -> None:
    """`raise REFUSED` tells what the module gave it."""
    with pytest.raises(PermissionError) as raised:
        raise REFUSED
    assert judge(str(raised.value), Running(sys._getframe())).text in {None, "made once by the module"}


def test_a_template_that_is_filled_later_is_followed(name: str) -> None:
    """`string.Template` and a name that is formatted over itself keep the pieces, and the names of their values."""
    template = string.Template("a dollar template of $who")
    text = "formatted over itself by {who}"
    text = text.format(who=name)
    assert _left(template.substitute(who=name)) == "a dollar template of {name}"
    assert _left(text) == "formatted over itself by {name}"


def test_the_case_of_a_text_may_be_changed(name: str) -> None:
    """Upper and lower case are the source's own, piece by piece; a value's letters don't matter."""
    assert _left("Told In A Lower Voice".lower()) == "told in a lower voice"
    assert _left("told in a great voice".capitalize()) == "Told in a great voice"
    assert _left(f"Told {name} in a lower voice".lower()) == "told {name} in a lower voice"
    assert _left(f"told {name} in a Great Voice".title()) is None


def test_lines_gathered_in_a_list_are_joined(name: str) -> None:
    """What is appended one by one stands in order, also what a condition adds or leaves out."""
    lines = []
    lines.append("the first of the lines")
    if name:
        lines.append(f"the second about {name}")
    lines.append("the last of the lines")
    left = _left("\n".join(lines))
    middle = "the second about {name}\n" if name else ""
    assert left == f"the first of the lines\n{middle}the last of the lines"


def test_after_a_loop_anything_may_stand_in_a_list(name: str) -> None:
    """What a loop adds isn't followed."""
    lines = ["the first before a loop"]
    for index in range(2):
        lines.append(name * index)  # noqa: PERF401
    lines.append("behind a loop")
    assert _left("\n".join(lines)) == "the first before a loop{…}"


@pytest.mark.parametrize("secret", ["F32.1 depressive episode", "Dana Levi", "052-1234567"])
def test_no_value_leaves_by_any_way(secret: str) -> None:
    """A value that nothing of the source composes stays, whatever holds, returns or joins it."""
    holder, held = _Plain("x", secret), {"x": secret}
    kept = functools.partial(str, secret)

    def inside() -> str:
        return secret

    lines = [secret]
    lines.append(secret)
    for made in (holder.told, held["x"], kept(), inside(), ", ".join(lines), secret.lower(), secret.title()):
        assert _left(made) is None
    both = itertools.chain([holder.told], [inside()])
    assert [_left(made) for made in both] == [None, None]
