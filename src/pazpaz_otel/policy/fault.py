"""One error or warning about a policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""


class Fault(NamedTuple):
    """Where the problem is, what it is, and what to write instead."""

    path: Path
    problem: str
    hint: str

    @property
    def where(self) -> str:
        """The path as text, such as `attributes.clinic.room`."""
        return ".".join(map(str, self.path)) or "the policy"


def did_you_mean(value: str, known: Iterable[str], similarity: float = 0.6) -> str:
    """Return the nearest known value as a question, or an empty text.

    Args:
        value: the unknown value.
        known: the values that exist.
        similarity: from 0 to 1, how alike the two have to be.
    """
    near = closest(value, known, similarity)
    return "" if near is None else f"did you mean {near}?"


def closest(value: str, known: Iterable[str], similarity: float) -> str | None:
    """Return the known value that is most like another, or None; the arguments are those of `did_you_mean`."""
    from difflib import get_close_matches  # noqa: PLC0415 - not small, and only a misspelling needs it

    return next(iter(get_close_matches(value, list(known), 1, similarity)), None)
