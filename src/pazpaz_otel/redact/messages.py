"""The policy's messages: texts with ``{placeholder}`` fields that match any text."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH: Final = 4096


class Messages:
    """The messages of one policy, for texts that no source proves.

    Args:
        templates: the policy's `messages`.

    Raises:
        ValueError: a template has unmatched braces.
    """

    __slots__ = ("_starts", "_templates", "_whole")

    def __init__(self, templates: Iterable[str] = ()) -> None:
        compiled = [(template, _literals(template)) for template in templates]
        self._templates = tuple(entry for entry in compiled if len(entry[1]) > 1)
        self._starts = tuple({literals[0] for _, literals in self._templates})
        self._whole = frozenset(template for template, _ in compiled)

    def match(self, text: str) -> str | None:
        """Return the template that `text` matches, or None; the placeholders' values are discarded."""
        if type(text) is not str or len(text) > MAX_LENGTH:
            return None
        if text in self._whole:
            return text
        if not text.startswith(self._starts):
            return None
        return next((template for template, literals in self._templates if _matches(text, literals)), None)


NO_MESSAGES: Final = Messages()


def _literals(template: str) -> tuple[str, ...]:
    """Return the literals around the placeholders: one more than there are placeholders."""
    literals = [""]
    for literal, field, _, _ in string.Formatter().parse(template):
        literals[-1] += literal
        if field is not None:
            literals.append("")
    # Adjacent placeholders count as one: only a literal between them can tell their values apart.
    inner = [literal for literal in literals[1:-1] if literal]
    return (literals[0], *inner, literals[-1]) if len(literals) > 1 else (literals[0],)


def _matches(text: str, literals: tuple[str, ...]) -> bool:
    first, *inner, last = literals
    if not (text.startswith(first) and text.endswith(last)):
        return False
    # The leftmost place for each literal leaves the most room for the next, so one pass is enough.
    position, end = len(first), len(text) - len(last)
    for literal in inner:
        found = text.find(literal, position + 1, end)
        if found < 0:
            return False
        position = found + len(literal)
    return position < end
