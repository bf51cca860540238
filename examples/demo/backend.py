"""Starts the reference backend as its users do, and drives it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from examples.traffic.driver import Plan, drive

if TYPE_CHECKING:
    from examples.traffic.account import Account

EXAMPLES = Path(__file__).parents[1]
_START = 60


@dataclass(frozen=True)
class Run:
    """A run of the backend.

    Attributes:
        account: what the traffic did.
        output: the backend's standard output and error, together.
        lines: for each line of its log, what the application knew and the template that left.
        exposed: what Prometheus scraped from the process, where it was asked to offer it.
    """

    account: Account
    output: bytes
    lines: list[dict[str, str]]
    exposed: str


def run(folder: Path, settings: dict[str, str], *, seed: int, open_door: bool = False, scrape: bool = True) -> Run:
    """Run the backend under `opentelemetry-instrument`, send it traffic, stop it.

    Args:
        folder: for its database and output.
        settings: its environment, over this process's.
        seed: of the invented patients.
        open_door: whether one unguarded log handler stands beside the application's.
        scrape: whether to offer, and read, the embedded Prometheus endpoint.

    Raises:
        RuntimeError: the backend didn't start; the message has its last lines.
    """
    port, metrics_port = _free_port(), _free_port()
    witness = folder / "witness.jsonl"
    environment = {
        **os.environ,
        # The demo is shorter than the time between two readings of a real one.
        "ACTIVE_WORKSPACES_REFRESH_SECONDS": "1",
        "OTEL_SERVICE_NAME": "practice-api",
        "OTEL_METRICS_EXPORTER": "otlp,prometheus" if scrape else "otlp",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(metrics_port),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'practice.db'}",
        "ENABLE_TEST_ENDPOINTS": "true",
        "PAZPAZ_OTEL_POLICY": str(EXAMPLES / "practice_api" / "policy.yaml"),
        "PYTHONUNBUFFERED": "1",
        "DEMO_WITNESS": str(witness),
        "DEMO_OPEN_DOOR": str(open_door).lower(),
        **settings,
    }
    scripts = Path(sys.executable).parent
    command = [str(scripts / "opentelemetry-instrument"), str(scripts / "uvicorn"), "demo.witnessed:app"]
    command += ["--app-dir", str(EXAMPLES), "--port", str(port)]
    output = folder / "output.txt"
    exposed = ""
    with output.open("wb") as sink:
        process = subprocess.Popen(command, env=environment, stdout=sink, stderr=subprocess.STDOUT, cwd=folder)
        try:
            _wait(f"http://127.0.0.1:{port}/health/live", process, output)
            account = asyncio.run(drive(f"http://127.0.0.1:{port}", Plan(seed=seed, workspaces=2, faults=True)))
            if scrape:
                with urlopen(f"http://localhost:{metrics_port}/metrics", timeout=10) as answer:
                    exposed = answer.read().decode()
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
    lines = [json.loads(line) for line in witness.read_text(encoding="utf-8").splitlines()]
    return Run(account, output.read_bytes(), lines, exposed)


def _wait(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    last = "\n".join(output.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
    raise RuntimeError(f"the backend didn't start:\n{last}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
