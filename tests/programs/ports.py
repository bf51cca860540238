"""TCP ports for programs that have to be told theirs before they listen."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import Final

_PORTS: Final = range(20_000, 32_000)
"""Below what systems hand out to whoever connects: such a port may be taken again before its program listens on it."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nothing listens on, and that no other test is given soon."""
    counter = Path(tempfile.gettempdir()) / f"pazpaz-tests-port-{os.getuid()}"
    with counter.open("a+") as last, socket.socket() as probe:
        fcntl.flock(last, fcntl.LOCK_EX)
        last.seek(0)
        offset = int(last.read() or 0)
        while True:
            offset = (offset + 1) % len(_PORTS)
            try:
                probe.bind(("127.0.0.1", _PORTS[offset]))
                break
            except OSError:
                continue
        last.seek(0)
        last.truncate()
        last.write(str(offset))
        return _PORTS[offset]
