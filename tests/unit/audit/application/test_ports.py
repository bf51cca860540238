"""The ports on which an application really listens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.audit.application.audit import _elsewhere
from pazpaz_otel.audit.application.ports import listening

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux has /proc")

LISTENS = """
import socket, sys
with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()
"""


def test_a_child_of_the_application_listens() -> None:
    """A port is found by the process that listens, and by the process that started that one."""
    with subprocess.Popen(
        [sys.executable, "-c", LISTENS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        assert listening(child.pid) == [port]
        assert port in listening(os.getpid())
        assert _elsewhere(child.pid, port + 1).startswith(f"; it listens on {port}: does --url")
        assert _elsewhere(child.pid, port) == "", "it listens there, and only hasn't answered yet"
        child.communicate()
    assert port not in listening(os.getpid())
