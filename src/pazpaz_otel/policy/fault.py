"""One thing in a policy that can't be used, or that its author should look at again."""

from __future__ import annotations

from typing import NamedTuple

Path = tuple[str | int, ...]
"""The keys and places that lead to a value."""


class Fault(NamedTuple):
    """What is wrong where, and what to write instead."""

    path: Path
    problem: str
    hint: str

    @property
    def where(self) -> str:
        """The path as text, such as `attributes.clinic.room`."""
        return ".".join(map(str, self.path)) or "the policy"
