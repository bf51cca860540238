"""Which of an application's routes the audit reached, and how they answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_TURNED_AWAY: Final = frozenset({0, 401, 403, 405, 415, 422, 426})
"""Statuses sent before a handler runs: no response, unauthorised, wrong method or body."""


@dataclass
class Coverage:
    """The responses of each route.

    Attributes:
        answers: how often each status came, by method and template.
    """

    answers: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, label: str, status: int) -> None:
        """Count one response; 0 means none."""
        self.answers.setdefault(label, Counter())[status] += 1

    @property
    def unreached(self) -> tuple[str, ...]:
        """The routes whose handlers never ran, according to their responses."""
        return tuple(label for label, statuses in self.answers.items() if set(statuses) <= _TURNED_AWAY)

    def as_dict(self, unreached: Iterable[str]) -> list[dict[str, Any]]:
        """Return the table as plain data, with a row for each route."""
        never = set(unreached)
        return [
            {
                "route": label,
                "reached": label not in never,
                "statuses": {str(status): count for status, count in sorted(statuses.items())},
            }
            for label, statuses in self.answers.items()
        ]
