"""Fields that the policy doesn't name and the program's source proves, in the form that both walls share.

The process sees the source and proves a field; the Collector sees none. A guard therefore writes what it proved into
one further attribute, `MARK`, as a JSON object. The Collector's wall believes a trusted sender's mark only if all of it
is of this shape, and takes the fields from there.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "pazpaz_otel.literals"
"""The attribute that repeats a log record's proven fields."""

LONGEST_MARK: Final = 8192
"""Bytes of the whole mark, in UTF-8."""
LONGEST_TEXT: Final = 200
"""Characters of a value. Free text has a surface of its own, the body."""
LONGEST_KEY: Final = 64
MOST_DIGITS: Final = 4
"""Digits in a key or a text, wherever they stand: a year or a status, never an identity, a telephone or a date."""
GREATEST: Final = 9_999_999
"""The greatest number, without regard to its sign; eight digits can be a date of birth or an identity."""

_OWN: Final = "pazpaz_otel."
"""How the keys of both walls begin: a field must not stand where they count."""
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# U+FFFD is how RE2 reads bytes that aren't UTF-8; lone surrogates can't be encoded.
_REFUSED: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f@\N{REPLACEMENT CHARACTER}\ud800-\udfff]")
_DIGIT: Final = re.compile(r"\d")


def is_literal_key(key: str) -> bool:
    """Return whether a key is shaped like a name that a programmer writes."""
    return (
        len(key) <= LONGEST_KEY
        and not key.startswith(_OWN)
        and _KEY.fullmatch(key) is not None
        and _has_few_digits(key)
    )


def is_literal_value(value: str | bool | float) -> bool:
    """Return whether a value is shaped like one that a programmer writes beside such a key."""
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and _REFUSED.search(value) is None and _has_few_digits(value)
    if isinstance(value, float):
        # No exponents: the Collector reads the digits.
        return -GREATEST <= value <= GREATEST and round(value, 6) == value and "e" not in repr(value)
    return isinstance(value, bool) or -GREATEST <= value <= GREATEST


def _has_few_digits(text: str) -> bool:
    return len(_DIGIT.findall(text)) <= MOST_DIGITS


_PLAIN: Final = r'(?:[^\p{Nd}@"\\\x00-\x1f\x7f\x{FFFD}]|\\["\\n])*'
_TEXT: Final = rf'"(?:{_PLAIN}\p{{Nd}}){{0,{MOST_DIGITS}}}{_PLAIN}"'
_NUMBER: Final = r"-?[0-9]{1,7}(?:\.[0-9]{1,6})?"
_NAME: Final = rf'"[A-Za-z_][A-Za-z_.-]*(?:[0-9][A-Za-z_.-]*){{0,{MOST_DIGITS}}}"'
_FIELD: Final = rf"{_NAME}:(?:{_TEXT}|{_NUMBER}|true|false)"

MARK_RE2: Final = rf"^\{{{_FIELD}(?:,{_FIELD})*\}}$"
"""The whole mark, for RE2, without the lengths."""
REFUSED_RE2: Final = rf'"(?:[^"\\]|\\.){{{LONGEST_TEXT + 1},}}"|"[^"\\]{{{LONGEST_KEY + 1},}}":|[{{,]"pazpaz_otel[.]'
"""A key or a value that is too long, or a key of the walls' own, for RE2."""
