"""The grammars: closed, anchored, and typed."""

from __future__ import annotations

import random
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pazpaz_otel.policy import KIND_TYPES, accept, pattern
from pazpaz_otel.policy.kind_type import KindType
from pazpaz_otel.policy.kinds import describe, make_kind

if TYPE_CHECKING:
    from pazpaz_otel.policy import Kind

UUID4 = "3f2b1c4d-5e6f-4a7b-8c9d-0123456789ab"
UUID7 = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"
COUNT = make_kind("number", minimum=0, maximum=100)
REASON = make_kind("enum", values=("no_show", "a|b"))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (make_kind("uuid"), UUID4, UUID4),
        (make_kind("uuid"), UUID7.upper(), UUID7),
        (make_kind("uuid"), "1f680da4-e917-11f1-97ac-02fc00000001", None),
        (make_kind("uuid"), str(uuid.uuid5(uuid.NAMESPACE_DNS, "a.patient")), None),
        (make_kind("uuid"), UUID4 + "\n", None),
        (make_kind("uuid"), UUID4.replace("3", "٣"), None),
        (make_kind("method"), "GET", "GET"),
        (make_kind("method"), "get", None),
        (make_kind("method"), "DVORA", None),
        (make_kind("status_code"), 404, 404),
        (make_kind("status_code"), 600, None),
        (make_kind("status_code"), "404", None),
        (make_kind("status_code"), 404.0, None),
        (make_kind("status_code"), True, None),
        (make_kind("bool"), True, True),
        (make_kind("bool"), 1, None),
        (COUNT, 7, 7),
        (COUNT, 7.5, 7.5),
        (COUNT, 101, None),
        (COUNT, float("nan"), None),
        (COUNT, float("inf"), None),
        (COUNT, True, None),
        (COUNT, 10**400, None),
        (REASON, "no_show", "no_show"),
        (REASON, "a|b", "a|b"),
        (REASON, "a", None),
        (REASON, ["no_show"], None),
        (make_kind("trace_id"), "0" * 31 + "g", None),
        (make_kind("event_id"), "3f2b1c4d5e6f4a7b8c9d0123456789ab", "3f2b1c4d5e6f4a7b8c9d0123456789ab"),
        (make_kind("event_id"), "3f2b1c4d5e6f1a7b8c9d0123456789ab", None),
        (make_kind("route"), "/clients/{id}", None),
        (make_kind("text"), "Clinic is closed", None),
    ],
)
def test_a_kind_takes_its_own_values_only(kind, value, expected):
    """A value leaves in its kind's type, or not at all; what only the process can prove is never taken by its shape."""
    assert accept(kind, value) == expected
    assert type(accept(kind, value)) is type(expected)


@pytest.mark.parametrize("kind_type", KIND_TYPES.values(), ids=KIND_TYPES)
def test_the_samples_of_a_kind_are_what_they_say(kind_type: KindType):
    """What a kind's file gives as belonging is taken as it is, what it gives as not belonging isn't."""
    kind = make_kind(kind_type.name, values=("a",), minimum=0, maximum=1)
    if kind_type.needs_process:
        shape = re.compile(str(pattern(kind)).removesuffix("$") + r"\Z")
        assert not any(isinstance(value, str) and shape.match(value) for value in kind_type.refuses)
        return
    assert [accept(kind, value) for value in kind_type.accepts] == list(kind_type.accepts)
    assert [accept(kind, value) for value in kind_type.refuses] == [None] * len(kind_type.refuses)
    assert kind_type.refuses or kind_type.parameter


@pytest.mark.parametrize("kind_type", KIND_TYPES.values(), ids=KIND_TYPES)
def test_patterns_are_anchored_and_bounded(kind_type: KindType):
    """Every pattern matches whole texts, and none without an end."""
    for text in (kind_type.shape, kind_type.refused, kind_type.untrusted):
        if text is not None:
            assert text.startswith("^")
            assert text.endswith("$")
            assert not re.search(r"(?<!\\)[*+](?![^\[]*\])", text.replace("(?: \\?)*", ""))


@pytest.mark.parametrize("kind_type", KIND_TYPES.values(), ids=KIND_TYPES)
def test_a_kind_is_described(kind_type: KindType):
    """A kind says in words what belongs to it and what becomes of a value."""
    assert kind_type.belongs
    assert not kind_type.belongs.endswith(".")
    assert describe(make_kind(kind_type.name, values=("a",), minimum=0, maximum=1)).startswith("leaves ")


def test_an_unknown_kind_is_an_error():
    """A kind is one of those there are."""
    with pytest.raises(KeyError):
        make_kind("anything")
    assert "anything" not in KIND_TYPES


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"prove": lambda value, _beside, _prover: value},
        {"shape": "[a-z]{1,8}"},
        {"shape": "^[a-z]{1,8}$", "untrusted": "[a-z]"},
    ],
    ids=["nothing", "proof without a shape", "open shape", "open shape for the Collector"],
)
def test_a_kind_that_nothing_judges_cannot_be_made(fields: dict[str, Any]):
    """A kind without any way to judge a value, or with one that isn't closed, is refused where it is made."""
    with pytest.raises(ValueError, match="the kind `colour`"):
        KindType(name="colour", belongs="a colour", handling="leaves if it is a colour", **fields)


@given(st.text(min_size=1, max_size=64))
def test_a_grammar_takes_nothing_that_its_pattern_refuses(text: str):
    """What `accept` lets through, the Collector's and the browser's pattern lets through, and the other way round."""
    for name, kind_type in KIND_TYPES.items():
        if kind_type.shape is None or kind_type.needs_process:
            continue
        kind = make_kind(name)
        expected = re.fullmatch(str(pattern(kind)).removesuffix("$"), text) is not None
        if kind_type.refused and re.match(kind_type.refused, text):
            expected = False
        assert (accept(kind, text) is not None) == expected


@given(st.integers(0, 10**12 - 1), st.sampled_from("47"), st.sampled_from("89ab"), st.booleans())
def test_a_number_written_as_a_uuid_is_refused(number: int, version: str, variant: str, first: bool):
    """Digits of a telephone or an identity card, padded to a UUID of either version, don't leave."""
    digits = f"{number:012}"
    groups = ["00000000", "0000", f"{version}000", f"{variant}000", digits]
    if first:
        groups[0], groups[1], groups[4] = digits[:8], digits[8:], "0" * 12
    assert accept(make_kind("uuid"), "-".join(groups)) is None


def test_random_uuids_are_not_refused():
    """Of the UUIDs that chance makes, the share refused is under one in a hundred thousand."""
    chance = random.Random(7)
    made = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(100_000)]
    assert sum(accept(make_kind("uuid"), one) is None for one in made) <= 1
    milliseconds = 1_700_000_000_000
    for _ in range(20_000):
        milliseconds += chance.randrange(10**7)
        bits = chance.getrandbits(128)
        number = f"{milliseconds:012x}7{bits & 0xFFF:03x}{0x8000 | bits >> 114:04x}{bits >> 60 & (1 << 48) - 1:012x}"
        assert accept(make_kind("uuid"), str(uuid.UUID(number))) is not None


@given(st.floats(0, 100), st.floats(-1e6, 1e6))
def test_a_fraction_keeps_six_significant_digits(value: float, other: float):
    """What leaves of a fraction is near it and has six digits, so that none has the nine of an identity."""
    for kind, number in ((COUNT, value), (make_kind("number", minimum=-1e6, maximum=1e6), other)):
        left = accept(kind, number)
        assert isinstance(left, float)
        assert left == number if number.is_integer() else abs(left - number) <= abs(number) * 1e-5
        digits = re.sub(r"e.*|^-?0*\.?0*|[-.]", "", repr(left))
        assert left.is_integer() or len(digits.strip("0")) <= 6


class Other(str):
    """Prints, compares, hashes and spells as it likes."""

    __slots__ = ()

    def __str__(self) -> str:
        return "dvora levinson"

    def lower(self) -> str:
        return "dvora levinson"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("no_show")


class Count(int):
    """Converts to another number than it is."""

    __slots__ = ()

    def __int__(self) -> int:
        return 305123456

    def __le__(self, other: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (make_kind("uuid"), Other(UUID4), UUID4),
        (make_kind("method"), Other("GET"), "GET"),
        (make_kind("method"), Other("dvora"), None),
        (REASON, Other("no_show"), "no_show"),
        (REASON, Other("dvora"), None),
        (COUNT, Count(7), 7),
    ],
)
def test_a_subclass_leaves_as_the_plain_value_that_was_judged(kind: Kind, value: object, expected: object):
    """A value of a subclass can't be one thing to the judge and another to the exporter."""
    left = accept(kind, value)
    assert left == expected
    assert type(left) is type(expected)
