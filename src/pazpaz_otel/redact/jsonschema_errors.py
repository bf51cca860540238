"""Prove the messages of jsonschema's validation errors, which are made far from where they are raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.printing import said
from pazpaz_otel.redact.provenance.forms import HOLE
from pazpaz_otel.redact.schema_texts import schema_text

if TYPE_CHECKING:
    from pazpaz_otel.redact.schema_texts import Proofs

_BEFORE_VALUE: Final = {
    "enum": " is not one of ",
    "exclusiveMaximum": " is greater than or equal to the maximum of ",
    "exclusiveMinimum": " is less than or equal to the minimum of ",
    "format": " is not a ",
    "maximum": " is greater than the maximum of ",
    "minimum": " is less than the minimum of ",
    "multipleOf": " is not a multiple of ",
    "pattern": " does not match ",
    "type": " is not of type ",
}
"""What stands between the data and the schema's value, by keyword."""
_WORDS: Final = {
    "additionalProperties": ("Additional properties are not allowed (", " unexpected)"),
    "maxItems": ("", " is too long"),
    "maxLength": ("", " is too long"),
    "minItems": ("", " is too short"),
    "minLength": ("", " is too short"),
    "uniqueItems": ("", " has non-unique elements"),
}
"""What stands around the data, by keyword."""


def message_of(exc: Any, module: Any, proofs: Proofs) -> str | None:
    """Return what may leave of a `ValidationError`: the keyword's words, and what the schema asks for."""
    if not isinstance(exc, module.ValidationError) or type(exc.message) is not str:
        return None
    told, made = _told(exc, proofs), said(exc) or ""
    if told is None or not made.startswith(f"{exc.message}\n\nFailed validating {exc.validator!r} in "):
        return told if made == exc.message else None
    return f"{told}\n\nFailed validating {exc.validator!r} in schema{HOLE}\n\nOn instance{HOLE}"


def _told(exc: Any, proofs: Proofs) -> str | None:
    message, keyword, value = exc.message, exc.validator, exc.validator_value
    if keyword in _WORDS:
        start, end = _WORDS[keyword]
        return f"{start}{HOLE}{end}" if message.startswith(start) and message.endswith(end) else None
    if keyword == "required" and type(value) is list:
        missing = (name for name in value if message == f"{name!r} is a required property")
        return next((message if proofs.literal(name) else f"{HOLE} is a required property" for name in missing), None)
    before = _BEFORE_VALUE.get(keyword)
    if before is None:
        return None
    if keyword == "type" and type(value) is list:
        asked = ", ".join(map(repr, value)) if schema_text(value, proofs.literal) else None
    else:
        asked = schema_text(value, proofs.literal)
        asked = repr(asked) if type(value) is str and asked is not None else asked
    if asked is not None and message.endswith(before + asked):
        return f"{HOLE}{before}{asked}"
    return f"{HOLE}{before}{HOLE}" if before in message else None
