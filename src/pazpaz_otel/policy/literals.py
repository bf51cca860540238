"""Log fields that aren't in the policy but are literals in the program's source, in the format both walls share.

The process can read the source and prove a field; the Collector can't. A guard therefore writes the fields it proved
into one more attribute, `MARK`, as a JSON object. The Collector's wall accepts a trusted sender's mark only if all of
it matches this format, and takes the fields from it.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "pazpaz_otel.literals"
"""The attribute that repeats a log record's proven fields."""

MAX_MARK_BYTES: Final = 8192
"""The maximum size of the whole mark, in bytes of UTF-8."""
MAX_TEXT_LENGTH: Final = 200
"""The maximum length of a value, in characters; longer free text belongs in the body."""
MAX_KEY_LENGTH: Final = 64
MAX_DIGITS: Final = 4
"""The maximum number of digits in a key or a text: enough for a year or a status code, too few for a date, a phone
number or an identity number."""
MAX_NUMBER: Final = 9_999_999
"""The maximum absolute value of a number; eight digits can be a date of birth or an identity number."""

_RESERVED_PREFIX: Final = "pazpaz_otel."
"""The prefix of the attributes that both walls use for counting; no field may use it."""
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# RE2 reads bytes that aren't UTF-8 as U+FFFD; lone surrogates can't be encoded.
_REFUSED: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f@\N{REPLACEMENT CHARACTER}\ud800-\udfff]")
_DIGIT: Final = re.compile(r"\d")


def is_literal_key(key: str) -> bool:
    """Return whether the key looks like a name that a programmer writes."""
    return (
        len(key) <= MAX_KEY_LENGTH
        and not key.startswith(_RESERVED_PREFIX)
        and _KEY.fullmatch(key) is not None
        and _has_few_digits(key)
    )


def is_literal_value(value: str | bool | float) -> bool:
    """Return whether the value looks like one that a programmer writes."""
    if isinstance(value, str):
        return len(value) <= MAX_TEXT_LENGTH and _REFUSED.search(value) is None and _has_few_digits(value)
    if isinstance(value, float):
        # No exponents, because the Collector counts the digits.
        return -MAX_NUMBER <= value <= MAX_NUMBER and round(value, 6) == value and "e" not in repr(value)
    return isinstance(value, bool) or -MAX_NUMBER <= value <= MAX_NUMBER


def _has_few_digits(text: str) -> bool:
    return len(_DIGIT.findall(text)) <= MAX_DIGITS


_PLAIN: Final = r'(?:[^\p{Nd}@"\\\x00-\x1f\x7f\x{FFFD}]|\\["\\n])*'
_TEXT: Final = rf'"(?:{_PLAIN}\p{{Nd}}){{0,{MAX_DIGITS}}}{_PLAIN}"'
_NUMBER: Final = r"-?[0-9]{1,7}(?:\.[0-9]{1,6})?"
_NAME: Final = rf'"[A-Za-z_][A-Za-z_.-]*(?:[0-9][A-Za-z_.-]*){{0,{MAX_DIGITS}}}"'
_FIELD: Final = rf"{_NAME}:(?:{_TEXT}|{_NUMBER}|true|false)"

MARK_RE2: Final = rf"^\{{{_FIELD}(?:,{_FIELD})*\}}$"
"""The whole mark as an RE2 pattern, which can't express the limits on length."""
REFUSED_RE2: Final = (
    rf'"(?:[^"\\]|\\.){{{MAX_TEXT_LENGTH + 1},}}"|"[^"\\]{{{MAX_KEY_LENGTH + 1},}}":|[{{,]"pazpaz_otel[.]'
)
"""RE2 pattern of a key or value that is too long, or a key with the walls' prefix."""
