"""A program that forks processes and terminates each before it has run, and prints how they ended."""

from __future__ import annotations

import os
import signal
import sys

endings: set[int] = set()
for _ in range(50):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(7)
    os.kill(child, signal.SIGTERM)
    # Whichever wasn't terminated goes on now, and ends by itself.
    os.close(writing)
    os.close(reading)
    endings.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
sys.stdout.write(f"{sorted(endings)} {signal.pthread_sigmask(signal.SIG_BLOCK, ())}")
