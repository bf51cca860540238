"""What each of an application's routes answered, and which lines of output came with its answers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.audit.report import AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_NEVER_RUN: Final = frozenset({0, *range(400, 500)})
"""Statuses sent before a handler runs, or by its first checks: no response, unauthorised, invalid, not found."""


class Coverage:
    """The responses of each route, and the length of each output file when they came.

    Args:
        files: the files to which the application writes, by the name of the output, such as ``stderr``.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.answers: dict[str, Counter[int]] = {}
        """How often each status came, by method and template."""
        self._files = files
        self._ends: dict[str, list[tuple[int, str]]] = {name: [] for name in files}
        self._starts = dict.fromkeys(files, 0)

    def begin(self) -> None:
        """Leave out what was written so far: nothing was planted, so whatever is found in it is chance."""
        self._starts = {name: file.stat().st_size for name, file in self._files.items()}

    def add(self, label: str, status: int) -> None:
        """Count one response; 0 means none."""
        self.answers.setdefault(label, Counter())[status] += 1
        self.mark(label)

    def mark(self, label: str) -> None:
        """Record that what was written since the last response belongs to this route."""
        for name, file in self._files.items():
            end = file.stat().st_size
            ends = self._ends[name]
            if not ends or end > ends[-1][0]:
                ends.append((end, label))

    def lines(self, name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the parts of an output, each with the route that answered next; parts end with a line."""
        if name not in self._ends:
            yield "", data
            return
        start = self._starts[name]
        for end, label in [*self._ends[name], (len(data), AGAIN)]:
            whole = data.find(b"\n", max(end - 1, 0)) + 1 or len(data)
            if whole > start:
                yield label, data[start:whole]
                start = whole

    @property
    def unreached(self) -> tuple[str, ...]:
        """The routes whose handlers never ran past their checks, according to their responses."""
        return tuple(label for label, statuses in self.answers.items() if _NEVER_RUN.issuperset(statuses))

    def as_dict(self, unreached: Iterable[str], planted: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
        """Return the table as plain data, with a row for each route."""
        never = set(unreached)
        return [
            {
                "route": label,
                "reached": label not in never,
                "statuses": {str(status): count for status, count in sorted(statuses.items())},
                "planted": sorted(planted[label]) if label in planted else None,
            }
            for label, statuses in self.answers.items()
        ]
