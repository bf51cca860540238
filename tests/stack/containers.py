"""cadvisor's page, its values taken from the stack's own processes, which stand for the containers of their names."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINE = re.compile(r'(?m)^(container_\w+)(\{.*name="pazpaz-(\w+)-1"\}) \S+$')
_TICKS = os.sysconf("SC_CLK_TCK")
_BOOTED = round(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))


def measured(page: str, programs: Mapping[str, int]) -> str:
    """Return the page with what the kernel says of processes: CPU, memory, bytes read and written, age.

    Args:
        page: of cadvisor; what isn't measured stays as it is, as the network's bytes do.
        programs: the name of a service to its process, which counts with all that it has started.
    """
    values = {name: _values(pid) for name, pid in programs.items()}

    def line(match: re.Match[str]) -> str:
        value = values.get(match[3], {}).get(match[1])
        return match[0] if value is None else f"{match[1]}{match[2]} {value}"

    return _LINE.sub(line, page)


def _values(pid: int) -> dict[str, float]:
    family = list(_family(pid))
    memory = sum(_number(one, "status", "VmRSS") * 1024 for one in family)
    started = int(_stat(pid)[19]) / _TICKS if family else 0.0
    return {
        "container_cpu_usage_seconds_total": sum(int(_stat(one)[11]) + int(_stat(one)[12]) for one in family) / _TICKS,
        "container_memory_usage_bytes": memory,
        "container_memory_working_set_bytes": memory,
        "container_fs_reads_bytes_total": sum(_number(one, "io", "read_bytes") for one in family),
        "container_fs_writes_bytes_total": sum(_number(one, "io", "write_bytes") for one in family),
        "container_start_time_seconds": _BOOTED + started,
    }


def _family(pid: int) -> Iterator[int]:
    """The process and all that it has started, as far as they are still there."""
    if not _read(pid, "stat"):
        return
    yield pid
    for child in _read(pid, f"task/{pid}/children").split():
        yield from _family(int(child))


def _stat(pid: int) -> list[str]:
    return _read(pid, "stat").rpartition(")")[2].split() or ["0"] * 50


def _number(pid: int, file: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", _read(pid, file), re.MULTILINE)
    return int(found[1]) if found else 0


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")
    except OSError:  # it has ended
        return ""
