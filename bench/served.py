"""Requests a second that a real server answers: uvicorn, one worker, driven by wrk."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import Child, Sink
from bench.variants import WORKER
from tests.programs.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.variants import Variant

PATHS = ("/ping", "/db")
_CONNECTIONS = 16
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)")


def served(
    variants: Sequence[Variant], runs: int, seconds: int, progress: Callable[[str], None] = lambda _: None
) -> dict[tuple[str, str], float] | None:
    """(variant, path) → requests a second, median of the runs; `None` for no seconds, or without wrk."""
    wrk = shutil.which("wrk")
    if wrk is None or seconds <= 0:
        return None
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    for run in range(runs):
        for variant in variants:
            progress(f"wrk: run {run + 1} of {runs}, {variant.name}")
            for path, rate in _rates(wrk, variant, seconds).items():
                rates[variant.name, path].append(rate)
    return {key: statistics.median(found) for key, found in rates.items()}


def _rates(wrk: str, variant: Variant, seconds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Sink(Path(name), None) as sink:
        folder, port = Path(name), free_port()
        server_options = f"-m uvicorn --factory served_app:made --port {port} --log-level error --no-access-log"
        command = variant.command(*server_options.split())
        environment = {**variant.variables(sink.address, folder, None), "PYTHONPATH": str(WORKER.parent)}
        with Child(command, environment, folder / f"{variant.name}.log") as server:
            url = f"http://127.0.0.1:{port}"
            try:
                _wait(url, server)
                _load(wrk, url + PATHS[0], 1)
                return {path: _load(wrk, url + path, seconds) for path in PATHS}
            finally:
                server.process.terminate()


def _load(wrk: str, url: str, seconds: int) -> float:
    done = subprocess.run(
        [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", url], capture_output=True, text=True, check=True
    )
    if _BAD.search(done.stdout):
        raise RuntimeError(f"{url} answered with errors:\n{done.stdout}")
    found = _RATE.search(done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def _wait(url: str, server: Child) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url + PATHS[-1], timeout=5):
                return
        except (OSError, urllib.error.URLError):
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
