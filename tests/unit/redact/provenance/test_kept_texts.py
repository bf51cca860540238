"""Texts that a function keeps in containers, or a class in lambdas, leave by the form that made them; no value does."""

from __future__ import annotations

import itertools
import sys
from collections import defaultdict

import pytest

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

NAMES = [bytes.fromhex("44616e61204c657669").decode(), "305123456", "dana@example.org"]
FOG = "the fog is too thick"
described = lambda who: f"the cradle of {who} is empty"  # noqa: E731


def _left(made: object) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


def _message(error: BaseException) -> str | None:
    try:
        raise error
    except BaseException as raised:
        return view(raised).message


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Return a value that isn't in the source."""
    return str(request.param)


def test_an_item_that_the_function_sets_is_told(name: str) -> None:
    """What stands under a key of a dictionary leaves by its form; a value under the same key doesn't."""
    problems: dict[str, str] = {}
    problems["bed"] = f"the bed of {name} is taken"
    left = _left(problems["bed"])
    assert left == "the bed of {name} is taken"
    left = _left("; ".join(problems.values()))
    assert left == "the bed of {name} is taken{…}"
    copied: dict[str, str] = {}
    copied["bed"] = name
    left = _left(copied["bed"])
    assert left is None


def test_lists_under_keys_are_told(name: str) -> None:
    """What is appended under a key leaves by its form, alone, chained, or item by item; a value doesn't."""
    problems = defaultdict(list)
    problems["rail"].append(f"the rail of {name} is loose")
    left = _left("; ".join(itertools.chain.from_iterable(problems.values())))
    assert left == "the rail of {name} is loose{…}"
    lost: dict[str, list[str]] = {}
    lost.setdefault("key", []).append(f"the key of {name} was lost")
    for at, (key, told) in enumerate(lost.items()):
        left = _left(f"{at} under {key}: {told[0]}")
        assert left == "{at} under {key}: {…}"
    single = {"lamp": f"the lamp of {name} is dark"}
    for key, text in single.items():
        left = _left(f"{key} is wrong: {text}")
        assert left == "{key} is wrong: the lamp of {name} is dark"
    left = _left(", ".join(f"{key} has {text}" for key, text in single.items()))
    assert left == "{key} has the lamp of {name} is dark"
    values = {"who": name}
    left = _left("; ".join(values.values()))
    assert left is None


def test_lists_that_are_added_are_told(name: str) -> None:
    """A form leaves also behind the items that stand before it; the first of several does as well."""
    rows = ["a first row", *_first(name)]
    told = rows + [f"the chart of {who} is gone" for who in (name, "x")]
    left = _left("\n".join(told))
    assert left == "{…}the chart of {who} is gone{…}"
    problem = next((f"the form of {who} is blank" for who in [name] if who), None)
    left = _left(problem)
    assert left == "the form of {who} is blank"
    errors = [ValueError(f"the scan of {name} is blurred"), KeyError(name)]
    left = _left("bad: " + "; ".join(map(str, errors)))
    assert left == "bad: the scan of {name} is blurred; {…}"
    left = _left("bad: " + "; ".join(map(str, [ValueError(name)])))
    assert left == "bad: {…}"


def _first(name: str) -> list[str]:
    return [name]


class _Checks:
    late = "the round of {} is late".format
    early = staticmethod(lambda who: f"the round of {who} is early")

    same = staticmethod(lambda who: who)

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.values: list[str] = []

    def check(self, name: str) -> None:
        self.problems.append(f"the badge of {name} is void")
        self.values.append(name)

    def told(self) -> str | None:
        return _left("refused: " + "; ".join(self.problems))

    def first(self) -> str | None:
        return _left(self.problems[0])

    def copied(self) -> str | None:
        return _left("; ".join(self.values))


def test_what_another_method_gathers_is_told(name: str) -> None:
    """A method tells the compositions that others put into its object's list; values in one stay."""
    checks = _Checks()
    checks.check(name)
    left = checks.told()
    assert left == "refused: the badge of {name} is void{…}"
    left = checks.first()
    assert left == "the badge of {name} is void"
    left = checks.copied()
    assert left is None


def test_kept_lambdas_and_methods_of_texts_make_texts(name: str) -> None:
    """A lambda of the module, or the `format` that a class keeps, makes the text of its source."""
    left = _left(described(name))
    assert left == "the cradle of {who} is empty"
    left = _left(_Checks.late(name))
    assert left == "the round of {name} is late"
    left = _left(_Checks.early(name))
    assert left == "the round of {who} is early"
    left = _left((lambda who: f"the pillow of {who} is torn")(name))  # noqa: PLC3002  # as people write it
    assert left == "the pillow of {who} is torn"
    left = _left(_Checks.same(name))
    assert left is None


_TABLE = {
    "lift": lambda who: f"the lift of {who} is stuck",
    "copy": lambda who: who,
    "stairs": "the stairs of {} are wet".format,
}


_LINES = ("the first line of a notice", "the last line of a notice")


def test_a_joined_constant_leaves(name: str) -> None:
    """A tuple of the module that is a whole text leaves as it is joined; as a value in a text it stays one."""
    left = _left("\n".join(_LINES))
    assert left == "the first line of a notice\nthe last line of a notice"
    left = _left(f"for {name}: " + "; ".join(_LINES))
    assert left == "for {name}: {…}"


def test_a_text_that_may_be_cut_leaves_uncut(name: str) -> None:
    """`message[:500]` leaves if nothing was cut off, as a cut may run through a value."""
    told = f"the pram of {name} is broken"
    left = _left(told[:500])
    assert left == "the pram of {name} is broken"
    left = _left(told[:16])
    assert left is None
    left = _left(name[:500])
    assert left is None


def test_lambdas_in_tables_make_texts(name: str) -> None:
    """What stands under a constant key of a table makes the text of its source; what data picks makes none."""
    left = _left(_TABLE["lift"](name))
    assert left == "the lift of {who} is stuck"
    left = _left(_TABLE["stairs"](name))
    assert left == "the stairs of {name} are wet"
    left = _left(_TABLE["copy"](name))
    assert left is None
    own = {"door": lambda who: f"the door of {who} is open", "copy": lambda who: who}
    left = _left(own["door"](name))
    assert left == "the door of {who} is open"
    left = _left(own["copy"](name))
    assert left is None
    for key in ("lift", "stairs"):
        left = _left(_TABLE[key](name))
        assert left is None


def _answer(name: str) -> dict[str, str]:
    return {"error": f"the transfer of {name} bounced", "who": name}


def test_an_item_of_a_returned_dictionary_is_told(name: str) -> None:
    """The text under a key of what a function returns leaves by its form, the value beside it doesn't."""
    answer = _answer(name)
    left = _left(answer["error"])
    assert left == "the transfer of {name} bounced"
    left = _left(answer["who"])
    assert left is None


def test_literals_under_keys_are_data(name: str) -> None:
    """Literals that a dictionary holds may be a record: where its values are joined, none leaves."""
    record: dict[str, str] = {}
    record["ward"] = "the ward of the north"
    record["who"] = name
    left = _left(", ".join(record.values()))
    assert left is None


class _WrappedError(Exception):
    @classmethod
    def around(cls, error: Exception, doing: str) -> _WrappedError:
        return cls(f"while {doing}: {error}")


class _Steps:
    def _shown(self, text: str) -> str:
        return f"step of {type(self).__name__}: {text}"

    def go(self, name: str) -> str | None:
        return _left(self._shown(f"the stairs of {name} are wet"))

    def copy(self, name: str) -> str | None:
        return _left(self._shown(name))


def test_methods_are_passed_what_their_calls_say(name: str) -> None:
    """The arguments of a method or an alternative constructor are its parameters after the first; a value stays."""
    message = _message(_WrappedError.around(KeyError(name), "moving a bed"))
    assert message == "while moving a bed: {error}"
    message = _message(_WrappedError.around(KeyError(name), name))
    assert message == "while {doing}: {error}"
    left = _Steps().go(name)
    assert left == "step of _Steps: the stairs of {name} are wet"
    left = _Steps().copy(name)
    assert left == "step of _Steps: {text}"


def test_formatting_a_text_without_fields_leaves_it(name: str) -> None:
    """`.format()` of a template without fields is the template itself; one that is a value proves nothing."""
    left = _left(FOG.format(who=name))
    assert left == "the fog is too thick"
    left = _left(name.format(who=name))
    assert left is None
