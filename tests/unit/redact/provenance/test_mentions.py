# ruff: noqa: C408 - a dictionary of keywords is one of the tables
"""A text of a table is proven where the table is handed on whole, and isn't where a call picks from it."""

from __future__ import annotations

import functools
import json
import operator
import random
import re
import string
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import text
from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


def _picked(code: int) -> list[str | None]:
    reached = iter(("an item of a", "an item of b"))
    named = dict(a="a keyword of a", b="a keyword of b").get("ab"[code])
    return [
        _left(random.choice(("drawn for a", "drawn for b"))),
        _left(max("higher of a", "higher of b", key=lambda one: one[-1] == str(code))),
        _left(sorted(["sorted as a", "sorted as b"])[code]),
        _left(list({"kept of a", "kept of b"}).pop()),
        _left(next(filter(lambda one: one.endswith("a"), ["left of a", "left of b"]))),
        _left(list(map(str, ["made of a", "made of b"]))[code]),
        _left(operator.itemgetter(code)(["got by a", "got by b"])),
        _left(operator.getitem(("given to a", "given to b"), code)),
        _left(dict.fromkeys(["a key of a", "a key of b"]).popitem()[0]),
        _left({"x": "copied of a", "y": "copied of b"}.copy().get("xy"[code])),
        _left(next(reached)),
        _left(named),
        _left((max if code else min)("chosen for a", "chosen for b")),
        _left(getattr(SimpleNamespace(a="an attribute of a", b="an attribute of b"), "ab"[code])),
        _left(SimpleNamespace(a="a field of a", b="a field of b").__getattribute__("ab"[code])),
        _left(operator.getitem(dict(a="an entry of a", b="an entry of b"), "ab"[code])),
    ]


def _gone_through(code: int) -> list[str | None]:
    left = [_told(one) for at, one in enumerate(["at a", "at b"]) if at == code]
    left += [_told(one) for one, at in zip(["beside a", "beside b"], (0, 1), strict=True) if at == code]
    named = ["gone to for a", "gone to for b"]
    for at, one in enumerate(named):
        if at == code:
            left.append(_left(one))
    for one in named:
        if one.endswith("ab"[code]):
            left.append(_left(one))
    return left


def _returned(code: int) -> list[str | None]:
    return [_left(_higher(code)), _left(_of_keywords(code))]


def _higher(code: int) -> str:
    return max("returned for a", "returned for b", key=lambda one: one[-1] == "ab"[code])


def _of_keywords(code: int) -> str:
    return (lambda **named: named["ab"[code]])(a="a keyword for a", b="a keyword for b")  # noqa: PLC3002


def _told(message: object) -> str | None:
    return judge(str(message), Running(sys._getframe(1))).text


def dumps(code: int, table: tuple[str, ...]) -> str:
    """Pick from a table under a name that elsewhere hands on the whole of what it takes."""
    return table[code]


class Own:
    """Has the same under other such names."""

    dumps = staticmethod(dumps)
    LogRecord = Link = staticmethod(dumps)


def _picked_by_own(code: int) -> list[str | None]:
    return [
        _left(dumps(code, ("dumped for a", "dumped for b"))),
        _left(Own.dumps(code, ("dumped by a", "dumped by b"))),
        _left(Own().dumps(code, ("dumped with a", "dumped with b"))),
        _left(Own.LogRecord(code, ("recorded for a", "recorded for b"))),
        _left(Own.Link(code, ("linked to a", "linked to b"))),
    ]


def _made_by_a_template(code: int) -> list[str | None]:
    name = "ab"[code]
    braces, percent = f"{{{name}}}", f"%({name})s"
    return [
        _left(braces.format(a="a value for a", b="a value for b")),
        _left(str.format("{" + name + "}", a="a method's for a", b="a method's for b")),
        _left(("{" + name + "}").format_map(dict(a="a mapping's for a", b="a mapping's for b"))),
        _left(percent % dict(a="an operand for a", b="an operand for b")),
        _left(("%.0s" * code + "%s" + "%.0s" * (1 - code)) % ("a place for a", "a place for b")),
        _left(string.Template(f"${name}").substitute(a="a substitute for a", b="a substitute for b")),
        _left(string.Formatter().vformat(braces, (), dict(a="a formatter's for a", b="a formatter's for b"))),
        _left("repeated for a" * (1 - code) + "repeated for b" * code),
        _left(f"{'amid for a' * (1 - code)}{'amid for b' * code}"),
        _left(name.replace("a", "replaced for a").replace("b", "replaced for b")),
        _left(Dispatched().says(code or name)),
        _left(says(code or name)),
        _left(re.sub("^a$", "written over a", re.sub("^b$", "written over b", name))),
    ]


def _moved(code: int) -> list[str | None]:
    turned = ["turned to a", "turned to b"]
    if code:
        turned.reverse()
    cut = ["cut to a", "cut to b"]
    del cut[1 - code]
    passed = ["passed for a", "passed for b"]
    _turn(passed, code)
    return [_left(turned[0]), _left(cut[0]), _left(passed[0])]


def _turn(items: list[str], code: int) -> None:
    items.sort(key=lambda one: one[-1] != "ab"[code])


def _of_rows(code: int, who: str) -> list[str | None]:
    left = [_told(one) for key, one in (("a", f"a row of {who} for a"), ("b", f"a row of {who} for b")) if key == code]
    for at, one in enumerate([f"the first of {who}", f"the second of {who}"]):
        if at == code:
            left.append(_left(one))
    for key, one in {"a": f"an item of {who} for a", "b": f"an item of {who} for b"}.items():
        if key == "ab"[code]:
            left.append(_left(one))
    for made, row in ((-1, f"a number's row of {who} for a"), (sys.intern("b"), f"a made row of {who} for b")):
        if made == (-1, "b")[code]:
            left.append(_left(row))
    return left


class Labels:
    """Prints one of its texts."""

    def __init__(self, name: str, **texts: str) -> None:
        self.name, self.texts = name, texts

    def __str__(self) -> str:
        return self.texts[self.name]


def _fail_by_what_is_left(code: int) -> None:
    texts = ["left over for a", "left over for b"]
    texts.pop(1 - code)
    raise ValueError(*texts)


def _fail_by_a_cut(code: int) -> None:
    texts = ["cut off for a", "cut off for b"]
    del texts[1 - code]
    raise ValueError(texts)


def _fail_by_key(code: int) -> None:
    texts = {"a": "under a key for a", "b": "under a key for b"}
    texts.pop("ba"[code])
    raise ValueError(texts)


def _fail_by_an_object(code: int) -> None:
    labels = Labels("ab"[code], a="printed for a", b="printed for b")
    raise ValueError(labels)


class Dispatched:
    """Says something else for a number."""

    @functools.singledispatchmethod
    def says(self, _: object) -> str:
        """Return what is said of a text."""
        return "dispatched for a"

    @says.register
    def _(self, _: int) -> str:
        return "dispatched for b"


def _tell(code: int, texts: Sequence[str]) -> str | None:
    return _left(texts[code])


def _tell_one(code: int, *texts: str) -> str | None:
    return _left(texts[code])


def _tell_named(name: str, **texts: str) -> str | None:
    return _left(texts.get(name, ""))


def _tell_copied(code: int, texts: Sequence[str] | None = None) -> str | None:
    held = list(texts or ())
    return _left(held[code])


def _tell_nested(code: int, texts: Sequence[str]) -> str | None:
    def tell() -> str | None:
        return _left(texts[code])

    return tell()


def _tell_got(code: int, texts: Sequence[str]) -> str | None:
    return _left(operator.itemgetter(code)(texts))


def _tell_mapped(name: str, texts: dict[str, str]) -> str | None:
    return _left("".join(map(texts.__getitem__, name)))


def _tell_either(code: int, first: str, second: str) -> str | None:
    return _left((first, second)[code])


def _tell_filled(name: str, **texts: str) -> str | None:
    return _left(f"{{{name}}}".format(**texts))


def _either(code: int, first: str, second: str) -> str:
    return {0: first, 1: second}[code]


class Teller:
    """Holds the texts of which it tells one."""

    def __init__(self, a: str, b: str) -> None:
        self.a, self.b = a, b

    def tell(self, name: str) -> str | None:
        """Return what leaves of the text under a name."""
        return _left(getattr(self, name))


def _translated(**texts: str) -> Callable[[Callable[[str], str | None]], Callable[[str], str | None]]:
    def apply(function: Callable[[str], str | None]) -> Callable[[str], str | None]:
        @functools.wraps(function)
        def told(name: str) -> str | None:
            return function(name) or _left(texts[name])

        return told

    return apply


@_translated(a="in a decorator for a", b="in a decorator for b")
def _decorated(_: str) -> str | None:
    return None


def _passed(code: int) -> list[str | None]:
    name = "ab"[code]
    left = [
        _tell(code, ["in a list for a", "in a list for b"]),
        _tell_one(code, "an argument for a", "an argument for b"),
    ]
    left += [
        _tell_copied(code, ["copied for a", "copied for b"]),
        _tell_nested(code, ["told inside for a", "told inside for b"]),
        _tell_got(code, ["got for a", "got for b"]),
        _tell_mapped(name, {"a": "mapped for a", "b": "mapped for b"}),
        _tell_either(code, "either for a", "either for b"),
        _tell_filled(name, a="filled for a", b="filled for b"),
        Teller("held for a", "held for b").tell(name),
        _decorated(name),
    ]
    # Or it has returned already.
    chosen = _either(code, "chosen for a", "chosen for b")
    left += [_left(_either(code, "returned for a", "returned for b")), _left(chosen)]
    return [*left, _tell_named(name, a="by a keyword for a", b="by a keyword for b")]


@functools.singledispatch
def says(_: object) -> str:
    """Return what is said of a text."""
    return "said of a"


@says.register
def _(_: int) -> str:
    return "said of b"


@pytest.fixture(autouse=True)
def _forget() -> None:
    text._proven.clear()


def test_what_a_function_picks_from_a_table_stays() -> None:
    """A literal that a call picks from a written-out table by data, or by chance, is as unproven as an index's."""
    assert {*_picked(0), *_picked(1), *_gone_through(0), *_gone_through(1)} == {None}
    assert {*_returned(0), *_returned(1)} == {None}


@pytest.mark.parametrize("code", [0, 1])
def test_what_data_makes_a_template_or_an_order_pick_stays(code: int) -> None:
    """Neither the values of a template that data makes are proven, nor the places of a list that it turns."""
    assert {*_made_by_a_template(code), *_moved(code)} == {None}


@pytest.mark.parametrize("code", [0, 1])
def test_what_a_function_picks_from_what_it_is_passed_stays(code: int) -> None:
    """The statement that calls it says neither of them."""
    assert {*_passed(code)} == {None}


@pytest.mark.parametrize("code", [0, 1])
def test_a_composed_text_that_data_picks_from_rows_stays(code: int) -> None:
    """A form says as much as a literal."""
    assert {*_of_rows(code, "Dana Levi")} == {None}


@pytest.mark.parametrize("fail", [_fail_by_what_is_left, _fail_by_a_cut, _fail_by_key, _fail_by_an_object])
@pytest.mark.parametrize("code", [0, 1])
def test_what_is_left_of_several_texts_stays(fail: Callable[[int], None], code: int) -> None:
    """Data says which were taken away, or which one the object prints."""
    with pytest.raises(ValueError, match="for ") as caught:
        fail(code)
    assert "for " not in (view(caught.value).message or "")


def test_a_row_with_a_condition_of_its_own_is_proven() -> None:
    """Each text is said where its condition holds."""
    age = 131
    for is_wrong, problem in ((age < 0, f"an age of {age} is negative"), (age > 130, f"an age of {age} is too much")):
        if is_wrong:
            assert _left(problem) == "an age of {age} is too much"


def test_a_function_that_only_has_the_name_of_a_carrier_picks() -> None:
    """What hands on the whole of a table is told by what is called, not by its name."""
    assert {*_picked_by_own(0), *_picked_by_own(1)} == {None}


def test_what_an_absent_attribute_is_given_is_proven() -> None:
    """A default is written in the statement, and so is what a constant name reads."""
    made = SimpleNamespace()
    left = _left(getattr(made, "ab"[1:], "an attribute that is absent"))
    assert left == "an attribute that is absent"
    left = _left(getattr(SimpleNamespace(a="an attribute by its name"), "a"))  # noqa: B009
    assert left == "an attribute by its name"


def test_what_serialises_a_table_hands_it_on_whole() -> None:
    """The standard library's encoder takes no choice: its fields are what the program says."""

    def told(encoded: str) -> str | None:
        return _left(json.loads(encoded)["event"])

    assert told(json.dumps({"event": "an event that is encoded", "count": 1})) == "an event that is encoded"


def test_a_table_that_is_handed_over_whole_is_proven() -> None:
    """The fields that the outermost call takes are what the program says, not a choice."""

    def told(fields: dict[str, str]) -> str | None:
        return _left(fields["action"])

    left = told({"action": "the field of a call"})
    assert left is not None
