"""Which routes of an application the audit reached, and how they answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

_TURNED_AWAY: Final = frozenset({0, 401, 403, 405, 415, 422, 426})
"""Answers that are given before a handler runs: no answer, no entry, not that method or body."""


@dataclass
class Coverage:
    """The answers of each route.

    Attributes:
        answers: by method and template, how often each status came.
    """

    answers: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, label: str, status: int) -> None:
        """Count one answer; 0 stands for none."""
        self.answers.setdefault(label, Counter())[status] += 1

    @property
    def unreached(self) -> tuple[str, ...]:
        """The routes whose handler never ran, as far as their answers say."""
        return tuple(label for label, statuses in self.answers.items() if set(statuses) <= _TURNED_AWAY)

    def as_dict(self) -> list[dict[str, Any]]:
        """Return the table as plain data, a row a route."""
        unreached = set(self.unreached)
        return [
            {
                "route": label,
                "reached": label not in unreached,
                "statuses": {str(status): count for status, count in sorted(statuses.items())},
            }
            for label, statuses in self.answers.items()
        ]
