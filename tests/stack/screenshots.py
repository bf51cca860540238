"""`python -m tests.stack.screenshots docs/images/boards`: the dashboards, drawn from the real stack under load.

Time runs `SCALE` times as fast as in production, so that a picture shows hours of bars after minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from monitoring.pictures.answers import Source
from monitoring.pictures.board import draw
from tests.stack.containers import measured
from tests.stack.load import Load
from tests.stack.monitoring_stack import SCALE, MonitoringStack
from tests.stack.test_dashboards import BOARDS, ROOT, use_the_stores

SECONDS = 360


def main(arguments: list[str]) -> int:
    """Start the stack, use it for a while, and draw every board."""
    target = Path(arguments[0])
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        MonitoringStack(Path(folder)) as stack,
        Load(stack.backend.url, threads=2) as load,
    ):
        stop = threading.Event()
        for work in (use_the_stores, _practise, _contain):
            threading.Thread(target=work, args=(stack, stop), daemon=True).start()
        threading.Thread(target=_vary, args=(load, stop), daemon=True).start()
        stop.wait(SECONDS + 30)
        names = {here: there for there, here in stack.addresses.items()}
        source = Source(stack.prometheus.url, time.time(), SECONDS, SCALE, names)
        for file in BOARDS:
            draw(json.loads(file.read_text(encoding="utf-8")), source, target / f"{file.stem}.png")
            sys.stdout.write(f"{target / file.stem}.png\n")
        stop.set()
    return 0


def _practise(stack: MonitoringStack, stop: threading.Event) -> None:
    """Practices at work, one day after another."""
    command = [sys.executable, "-m", "traffic", stack.backend.url, "--cancelled", "8"]
    while not stop.is_set():
        subprocess.run(command, cwd=ROOT / "examples", check=False, capture_output=True)


def _contain(stack: MonitoringStack, stop: threading.Event) -> None:
    """Show the stack's own processes as containers."""
    page = stack.cadvisor.text
    programs = {"api": stack.backend.pid, "db": stack.database.pid, "prometheus": stack.prometheus.pid}
    while not stop.wait(1):
        stack.cadvisor.text = measured(page, programs)


def _vary(load: Load, stop: threading.Event) -> None:
    """A few errors and slow answers now and then, as everywhere."""
    load.milliseconds = 260
    while not stop.is_set():
        for errors, slow, pause in ((0.0, 0.02, 0.1), (0.001, 0.03, 0.06), (0.01, 0.08, 0.05), (0.0, 0.02, 0.08)):
            load.errors, load.slow, load.pause = errors, slow, pause
            if stop.wait(SECONDS / 8):
                return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
