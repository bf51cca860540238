"""What the workers wrote down, and what was measured beside it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass
class Truth:
    """Every event of every worker.

    Attributes:
        by_workspace: events.
        durations: of all of them.
        unmerged: events of killed workers since the last merge that they are sure to have made.
    """

    by_workspace: Counter[str] = field(default_factory=Counter)
    durations: list[float] = field(default_factory=list)
    unmerged: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All events."""
        return self.by_workspace.total()


def read(folder: Path, killed: Mapping[int, float], merge: float) -> Truth:
    """Read the workers' files.

    Args:
        folder: with a file a process.
        killed: when each killed process was killed.
        merge: seconds within which a process is sure to have merged an event.
    """
    truth = Truth()
    for file in folder.iterdir():
        died = killed.get(int(file.name))
        for line in file.read_text(encoding="ascii").splitlines():
            at, workspace, duration = line.split()
            truth.by_workspace[workspace] += 1
            truth.durations.append(float(duration))
            if died is not None and float(at) > died - merge:
                truth.unmerged[workspace] += 1
    return truth


def bucket(value: float, bounds: Sequence[float]) -> int:
    """Return the number of the bucket that a value falls into."""
    return bisect_left(bounds, value)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that the share of all values doesn't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
