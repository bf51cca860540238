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
        self.shown: str = text


class _Channel(Enum):
    SMS = ("sms", "a message went out by SMS")

    def __init__(self, slug: str, text: str) -> None:
        self.slug, self.text = slug, text


RULE = _Rule("late", "the rule of late clients")
PLAIN = _Plain("late", "told by an object of the module")
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
    left = _left(slot.described())
    assert left == "the slot of {self.name} is described"
    left = _left(slot.titled)
    assert left == "the slot of {self.name} is titled"
    left = _left(str(slot))
    assert left == "the slot of {self.name} is printed"
    left = _left(slot.chosen())
    assert left is None


def test_what_a_function_inside_makes_is_followed(name: str) -> None:
    """Nested functions, lambdas and partials make their texts in the same source."""

    def nested(who: str) -> str:
        def deeper() -> str:
            return f"a nested function tells of {who}"

        return deeper()

    told = lambda who: f"a lambda tells of {who}"  # noqa: E731
    bound = functools.partial(_left, "handed to a partial of the function")
    left = _left(nested(name))
    assert left == "a nested function tells of {who}"
    left = _left(told(name))
    assert left == "a lambda tells of {who}"
    left = bound()
    assert left == "handed to a partial of the function"
    left = _left(PARTIAL.args[0])
    assert left is None


def _missing(kind: str, who: str) -> str:
    return f"{kind} {who} is missing"


def test_a_literal_argument_is_filled_in_where_it_is_printed(name: str) -> None:
    """What the call passes as a literal is text of the source; what it passes as a value stays a hole."""
    left = _left(_missing("the referral", name))
    assert left == "the referral {who} is missing"
    left = _left(_missing(name, name))
    assert left == "{kind} {who} is missing"


def test_a_text_s_method_in_a_partial_is_a_template(name: str) -> None:
    """A partial of `str.format` makes what its text says, whatever it is called with."""
    moved = functools.partial("a partial moves {} to {}".format, name)
    left = _left(moved(name))
    assert left == "a partial moves {…} to {…}"
    left = _left(functools.partial("{}{}".format, name)(name))
    assert left is None or not name


def test_a_comprehension_is_joined_by_its_name(name: str) -> None:
    """A list made by a comprehension tells each item's form; one of values tells nothing."""
    problems = [f"no consent from {who}" for who in (name, name)]
    left = _left(f"{len(problems)} rows rejected\n" + "\n".join(problems))
    assert left == "{…} rows rejected\nno consent from {who}{…}"
    values = [who.strip() for who in (name, name)]
    left = _left("rows rejected: " + "--".join(values))
    assert left == "rows rejected: {…}"


def test_a_format_s_sign_stays() -> None:
    """A format that ends in a percent sign puts one after every value."""
    share = 0.5
    left = _left(f"wound closed by {share:.0%} today")
    assert left == "wound closed by {share}% today"


def test_a_function_that_calls_itself_ends() -> None:
    """Following has an end, however the source goes round in circles."""

    def circle(depth: int) -> str:
        return circle(depth - 1) if depth else "at the end of a circle"

    made = circle(3)
    left = _left(made)
    assert left in {None, "at the end of a circle"}
    left = _left(circle(2))
    assert left in {None, "at the end of a circle"}


def test_names_of_the_functions_around_are_followed(name: str) -> None:
    """A closure's text was assigned in the function around it."""
    whole, composed = "assigned by the function around", f"assigned around for {name}"

    def inside() -> list[str | None]:
        return [_left(whole), _left(composed)]

    left = inside()
    assert left == ["assigned by the function around", "assigned around for {name}"]
    text = f"assigned alone around for {name}"

    def alone() -> str | None:
        return _left(text)

    left = alone()
    assert left == "assigned alone around for {name}"


def test_attributes_of_what_the_source_constructs_are_followed(name: str) -> None:
    """Fields of dataclasses and named tuples, and what a constructor assigns, hold the arguments or the defaults."""
    rule = _Rule(name, "the rule of this function")
    default = _Rule(name)
    made = _Plain(name, text="told by a plain class")
    left = _left(RULE.text)
    assert left == "the rule of late clients"
    left = _left(RULES[0].text)
    assert left == "the first rule of a list"
    left = _left(_Notice("x").text)
    assert left == "a notice without its own words"
    left = _left(_Channel.SMS.text)
    assert left == "a message went out by SMS"
    left = _left(rule.text)
    assert left == "the rule of this function"
    left = _left(default.text)
    assert left == "a rule without its own words"
    left = _left(made.told)
    assert left == "told by a plain class"
    left = _left(PLAIN.shown)
    assert left == "told by an object of the module"


def test_a_value_in_a_construction_is_no_text(name: str) -> None:
    """An argument that isn't the source's proves nothing, nor does an item that data picks."""
    made = _Plain(name, text=name)
    index = len(name) % 2
    left = _left(made.told)
    assert left in {None, ""}
    left = _left(CODES[index].text)
    assert left is None


class _Sprain:
    title = "a sprain of the left ankle"
    alone = "said by one class alone"

    def described(self) -> str:
        return "a sprain is described so"

    @property
    def shown(self) -> str:
        return "a sprain is shown so"

    @property
    def lonely(self) -> str:
        return "shown by one class alone"


class _Fracture:
    title = "a fracture of the left ankle"

    def described(self) -> str:
        return "a fracture is described so"

    @property
    def shown(self) -> str:
        return "a fracture is shown so"


_KINDS = {"S93": _Sprain, "S82": _Fracture}
_CODE = next(iter(_KINDS))
_PICKED = _KINDS[_CODE]()
_FOUND = _KINDS.get(_CODE, _Sprain)()
_NAMED = getattr(sys.modules[__name__], _Sprain.__name__)()


def test_what_a_class_says_that_data_picks_is_no_text() -> None:
    """Of classes that say different texts under one name, data may have picked this one; what only one says leaves."""
    kind = _KINDS[_CODE]()
    for one in (kind, _Fracture()):
        left = [_left(one.title), _left(one.described()), _left(one.shown)]
        assert left == [None, None, None]
    left = [_left(kind.alone), _left(kind.lonely)]
    assert left == ["said by one class alone", "shown by one class alone"]
    left = [_left(_PICKED.title), _left(_FOUND.title), _left(_NAMED.title)]
    assert left == [None, None, None]


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
    left = _left(template.substitute(who=name))
    assert left == "a dollar template of {name}"
    left = _left(text)
    assert left == "formatted over itself by {name}"


def test_the_case_of_a_text_may_be_changed(name: str) -> None:
    """Upper and lower case are the source's own, piece by piece; a value's letters don't matter."""
    left = _left("Told In A Lower Voice".lower())
    assert left == "told in a lower voice"
    left = _left("told in a great voice".capitalize())
    assert left == "Told in a great voice"
    left = _left(f"Told {name} in a lower voice".lower())
    assert left == "told {name} in a lower voice"
    left = _left(f"told {name} in a Great Voice".title())
    assert left is None


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
    """What a loop adds leaves by its form only, and what may follow isn't told."""
    lines = ["the first before a loop"]
    for index in range(2):
        lines.append(name * index)  # noqa: PERF401
    lines.append("behind a loop")
    left = _left("\n".join(lines))
    assert left == "the first before a loop\n{…}"


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
        left = _left(made)
        assert left is None
    both = itertools.chain([holder.told], [inside()])
    assert [_left(made) for made in both] == [None, None]
