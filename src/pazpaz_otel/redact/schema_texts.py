"""What a validation library's message says of the schema, which the application's source declares.

A library fills its messages with the schema's limits and choices, and with the data. Of the schema's part, a text or
number leaves if the application's source has it as a literal. The caller must know which part is the schema's: data may
be equal to a literal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.provenance.forms import Form, Hole, brace_parts

if TYPE_CHECKING:
    from collections.abc import Callable

_QUOTED: Final = re.compile(r"'([^']*)'")
_BETWEEN: Final = re.compile(r"(?:, or | or |, | and )?")
_MAX_ITEMS: Final = 64
_CHOICES: Final = frozenset({"choices", "choices_str", "_original_options"})
"""What marshmallow, click and attrs call the choices that an application declares."""


class Proofs(NamedTuple):
    """What the raising code proves.

    Attributes:
        text: returns what may leave of a text, or None.
        message: returns what may leave of another exception's message, or None.
        name: returns whether an identifier is in the code.
        literal: returns whether a module of the application in the traceback contains a text or number.
    """

    text: Callable[[object], str | None]
    message: Callable[[BaseException], str | None]
    name: Callable[[str], bool]
    literal: Callable[[object], bool]


def schema_text(value: Any, is_literal: Callable[[object], bool]) -> str | None:
    """Return how a message shows a part of the schema, or None if the source doesn't have all of it.

    Args:
        value: a limit, a pattern, a list of choices, or the text of such a list (`'small' or 'large'`).
        is_literal: returns whether the source has a text or number.
    """
    if type(value) in {int, float}:
        return f"{value:g}" if is_literal(value) and value == float(f"{value:g}") else None
    if type(value) is str:
        return value if is_literal(value) or _is_list(value, is_literal) else None
    if type(value) in {list, tuple} and 0 < len(value) <= _MAX_ITEMS:
        is_known = all(type(item) in {str, int, float} and is_literal(item) for item in value)
        return repr(value) if is_known else None
    return None


def with_choices(template: str, made: str, is_literal: Callable[[object], bool]) -> str:
    """Return a library's template of a text with the choices that the source has as literals."""
    if not any(f"{name}}}" in template for name in _CHOICES):
        return template
    parts = brace_parts(template, (), {})
    form = Form(parts) if parts is not None else None
    if parts is None or form is None or form.template != template or not form.matches(made):
        return template
    holes = [part for part in parts if isinstance(part, Hole)]
    values = form.divide(made)[0]
    for hole, value in zip(holes, values, strict=False) if len(holes) == len(values) else ():
        if hole.label.rpartition(".")[2] in _CHOICES and schema_text(value.strip("[]"), is_literal) is not None:
            template = template.replace(f"{{{hole.label}}}", value, 1)
    return template


def _is_list(text: str, is_literal: Callable[[object], bool]) -> bool:
    """Return whether a text consists of quoted literals, or of unquoted ones with commas between them."""
    quoted = _QUOTED.findall(text)
    if quoted:
        between = _QUOTED.split(text)[::2]
        return (
            not between[0]
            and not between[-1]
            and all(map(_BETWEEN.fullmatch, between))
            and all(map(is_literal, quoted))
        )
    return ", " in text and all(map(is_literal, text.split(", ")))
