"""One error or warning about a policy."""

from __future__ import annotations

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
