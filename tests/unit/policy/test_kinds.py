"""The grammars: closed, anchored, and typed."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pazpaz_otel.policy import accept, pattern
from pazpaz_otel.policy.kinds import GRAMMARS, NAMES, RUNTIME, make_kind

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


@pytest.mark.parametrize("name", sorted({*GRAMMARS, *RUNTIME}))
def test_patterns_are_anchored_and_bounded(name: str):
    """Every pattern matches whole texts, and none without an end."""
    text = pattern(make_kind(name))
    assert text is not None
    assert text.startswith("^")
    assert text.endswith("$")
    assert not re.search(r"(?<!\\)[*+](?![^\[]*\])", text.replace("(?: \\?)*", ""))


def test_an_unknown_kind_is_an_error():
    """A kind is one of those there are."""
    with pytest.raises(KeyError):
        make_kind("anything")
    assert "anything" not in NAMES


@given(st.text(min_size=1, max_size=64))
def test_a_grammar_takes_nothing_that_its_pattern_refuses(text: str):
    """What `accept` lets through, the Collector's and the browser's pattern lets through, and the other way round."""
    for name in GRAMMARS:
        kind = make_kind(name)
        expected = re.fullmatch(str(pattern(kind)).removesuffix("$"), text) is not None
        assert (accept(kind, text) is not None) == expected
