"""Identify processes by number and start time, because numbers are reused."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, Self

MAX_SILENCE: Final = 60
"""Seconds of silence after which a process that can't be looked up counts as ended."""
_NANOSECONDS: Final = 1_000_000_000
_STATE, _START = 0, 19
"""Fields of `/proc/<pid>/stat` after the command's name."""


class Process(NamedTuple):
    """A process of this or another PID namespace.

    `space` is the machine's boot and the PID namespace; numbers are meaningful only within it.
    """

    space: str
    pid: int
    started: int

    @classmethod
    def current(cls) -> Self:
        """Return the calling process."""
        pid = os.getpid()
        return cls(_space(), pid, _stat(pid)[1])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return a process from its `str`."""
        space, pid, started = text.rsplit("/", 2)
        return cls(space, int(pid), int(started))

    def __str__(self) -> str:
        return f"{self.space}/{self.pid}/{self.started}"

    def is_alive(self, seen: int, now: int) -> bool:
        """Return whether the process is running.

        Args:
            seen: when it last wrote, in nanoseconds; decides if it can't be looked up.
            now: the current time, in nanoseconds.
        """
        if self.space != _space():
            return abs(now - seen) < MAX_SILENCE * _NANOSECONDS
        if self.started:
            state, started = _stat(self.pid)
            return started == self.started and state not in {"Z", "X"}
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True


@lru_cache(maxsize=1)
def _space() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - the link's text, not a path
    except OSError:
        return "local"


def _stat(pid: int) -> tuple[str, int]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "X", 0
    # The command's name is in parentheses and may contain any character.
    fields = text.rpartition(")")[2].split()
    return fields[_STATE], int(fields[_START])
