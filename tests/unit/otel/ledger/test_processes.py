"""Which processes run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pazpaz_otel.otel.ledger.processes import MAX_SILENCE, Process

SECOND = 10**9


def test_this_process_runs():
    """A process knows itself, also through its text."""
    me = Process.current()
    assert Process.parse(str(me)) == me
    assert me.is_alive(seen=0, now=10 * MAX_SILENCE * SECOND)


def test_a_number_that_was_given_again_is_another_process():
    """The same number with another start is a process that ended."""
    me = Process.current()
    assert not me._replace(started=me.started + 1).is_alive(seen=0, now=0)


def test_a_zombie_has_ended():
    """A killed process that nobody waited for yet counts as ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    stat = Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii")
    started = int(stat.rpartition(")")[2].split()[19])
    process = Process.current()._replace(pid=child.pid, started=started)
    assert process.is_alive(0, 0)
    child.kill()
    while process.is_alive(0, 0):
        pass
    child.communicate()
    assert not process.is_alive(0, 0)


def test_a_process_of_another_container_is_known_by_what_it_writes():
    """In another PID namespace a process runs as long as it shows life."""
    elsewhere = Process("another", 1, 1)
    assert elsewhere.is_alive(seen=0, now=(MAX_SILENCE - 1) * SECOND)
    assert not elsewhere.is_alive(seen=0, now=(MAX_SILENCE + 1) * SECOND)
