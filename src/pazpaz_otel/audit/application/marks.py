"""Which request a line of the application's output follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

AFTER = "after the last request"


class Marks:
    """Notes how long each file of output is when a request was answered.

    Args:
        files: by the name of what is written into them, such as ``stderr``.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._ends: dict[str, list[tuple[int, str]]] = {name: [] for name in files}

    def __call__(self, label: str) -> None:
        """Note that a request was answered: what was written since is of this route."""
        for name, file in self._files.items():
            end = file.stat().st_size
            ends = self._ends[name]
            if not ends or end > ends[-1][0]:
                ends.append((end, label))

    def lines(self, name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Give each part of an output with its route; parts end with a line, so nothing is cut in two.

        Args:
            name: of the output.
            data: all that was written.
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
