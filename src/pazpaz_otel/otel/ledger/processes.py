"""Which processes there are: a number is given to another process again, so its start belongs to the identity."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

SILENCE: Final = 60
"""Seconds after which a process that can't be looked up counts as ended, if it hasn't written since."""
_NANOSECONDS: Final = 1_000_000_000
_STATE, _START = 0, 19
"""Fields of `/proc/<pid>/stat` behind the command's name."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of this or of another PID namespace.

    `space` is the machine's boot and the PID namespace: numbers mean something within it only.
    """

    space: str
    pid: int
    started: int

    @classmethod
    def current(cls) -> Self:
        """Return the process that asks."""
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
        """Return whether the process runs.

        Args:
            seen: when it last wrote, in nanoseconds; decides where it can't be looked up.
            now: the time, in nanoseconds.
        """
        if self.space != _space():
            return abs(now - seen) < SILENCE * _NANOSECONDS
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
    # The command's name stands in parentheses and may hold any character.
    fields = text.rpartition(")")[2].split()
    return fields[_STATE], int(fields[_START])
