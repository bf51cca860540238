"""The mark of proven fields: what the Collector's wall takes, and nothing that it would cut."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pazpaz_otel.policy.literals import MARK, MAX_KEY_LENGTH, MAX_MARK_BYTES, MAX_TEXT_LENGTH
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.proof_mark import marked

SHAPED: dict[str, Any] = {
    "reason": 'no_show, "late"',
    "hebrew": "התור בוטל",
    "attempt": -3,
    "ratio": 0.25,
    "paid": True,
    "lines": "first\nsecond",
    "k" * MAX_KEY_LENGTH: "v" * MAX_TEXT_LENGTH,
}
SHAPELESS: dict[str, tuple[str, Any]] = {
    "identity": ("note", "Dana 123456782"),
    "identity in pieces": ("note", "1-2-3-4-5"),
    "other digits": ("note", "١٢٣٤٥"),
    "address": ("note", "help@example.org"),
    "control": ("note", "\x1b[31m"),
    "surrogate": ("note", "\ud800"),
    "long value": ("note", "v" * (MAX_TEXT_LENGTH + 1)),
    "great number": ("note", 12_345_678),
    "small fraction": ("note", 1e-7),
    "no number": ("note", float("nan")),
    "infinite": ("note", float("-inf")),
    "long key": ("k" * (MAX_KEY_LENGTH + 1), "x"),
    "free text as a key": ("Dana Levi", "x"),
    "digits in a key": ("note_12345", "x"),
    "no key": ("", "x"),
    "the wall's own counter": ("pazpaz_otel.wall.dropped", 0),
}


def test_a_mark_repeats_the_fields() -> None:
    """The fields stay as they are, and the mark holds the same."""
    fields = marked(SHAPED)
    mark = fields.pop(MARK)
    assert fields == SHAPED
    assert json.loads(str(mark)) == SHAPED


@pytest.mark.parametrize(("key", "value"), SHAPELESS.values(), ids=SHAPELESS)
def test_a_field_of_another_shape_stays_and_is_counted(key: str, value: Any) -> None:
    """What the wall would cut doesn't leave the process, and the process counts it."""
    counted = ("log_attribute", "refused_value")
    before = drops.snapshot().get(counted, 0)
    assert marked({key: value, "reason": "no_show"}) == {"reason": "no_show", MARK: '{"reason":"no_show"}'}
    assert marked({key: value}) == {}
    assert drops.snapshot()[counted] == before + 2


def test_a_mark_has_an_end() -> None:
    """A call with more fields than the wall reads sends the first of them, and counts each of the others."""
    counted = ("log_attribute", "too_many")
    before = drops.snapshot().get(counted, 0)
    fields = marked({f"field_{number}": "ת" * MAX_TEXT_LENGTH for number in range(100)})
    assert drops.snapshot()[counted] - before == 100 - (len(fields) - 1)
    assert len(str(fields[MARK]).encode()) <= MAX_MARK_BYTES
    assert next(iter(fields)) == "field_0"
    assert 10 < len(fields) < 100


def test_a_negative_zero_keeps_its_sign():
    """Zeros that compare equal have members of their own, so that each mark says what its attribute does."""
    assert [marked({"ratio": zero})[MARK] for zero in (0.0, -0.0, 0, False)] == [
        '{"ratio":0.0}',
        '{"ratio":-0.0}',
        '{"ratio":0}',
        '{"ratio":false}',
    ]
