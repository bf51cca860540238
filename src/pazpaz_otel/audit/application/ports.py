"""Find the ports on which a process and its children listen, from Linux's /proc; nothing elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_LISTENING: Final = "0A"
_PROC: Final = Path("/proc")


def listening(pid: int) -> list[int]:
    """Return the TCP ports on which a process or a descendant of it listens."""
    sockets = {inode for one in _family(pid) for inode in _sockets(one)}
    return sorted({port for port, inode in _ports() if f"socket:[{inode}]" in sockets})


def _family(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for stat in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name before it, in parentheses, may hold anything.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(stat.parent.name))
    family = [pid]
    for parent in family:
        family += parents.get(parent, ())
    return family


def _sockets(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for file in (_PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                yield str(file.readlink())


def _ports() -> Iterator[tuple[int, str]]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
                _, local, _, state, *rest = line.split()
                if state == _LISTENING:
                    yield int(local.rpartition(":")[2], 16), rest[5]
