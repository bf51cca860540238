"""Relate the lines of the application's output to requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

AFTER = "after the last request"


class Marks:
    """Record each output file's length whenever a request was answered.

    Args:
        files: the files, by the name of the output, such as ``stderr``.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._ends: dict[str, list[tuple[int, str]]] = {name: [] for name in files}

    def __call__(self, label: str) -> None:
        """Record that a request was answered: what was written since belongs to this route."""
        for name, file in self._files.items():
            end = file.stat().st_size
            ends = self._ends[name]
            if not ends or end > ends[-1][0]:
                ends.append((end, label))

    def lines(self, name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the parts of an output with their routes; parts end with a line.

        Args:
            name: the output's name.
            data: everything that was written.
        """
        if name not in self._ends:
            yield "", data
            return
        start = 0
        for end, label in [*self._ends[name], (len(data), AFTER)]:
            whole = data.find(b"\n", max(end - 1, 0)) + 1 or len(data)
            if whole > start:
                yield label, data[start:whole]
                start = whole
