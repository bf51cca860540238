"""The processes of a run: a sink, and a worker for each variant, spoken to in lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any, Self

from bench.variants import WORKER

if TYPE_CHECKING:
    from pathlib import Path

    from bench.variants import Variant


class Child:
    """A process that ends with the `with` block.

    Args:
        command: what to run.
        environment: all of its variables.
        log: where its standard error goes.
    """

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._command, self._environment, self._log = command, environment, log

    def __enter__(self) -> Self:
        with self._log.open("w") as errors:
            self.process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._log.parent,
                text=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def line(self) -> str:
        """The next line of its output.

        Raises:
            RuntimeError: it ended; the message has the end of its log.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self._command[-2:])} ended:\n{self._log.read_text()[-2000:]}")
        return line


class Sink(Child):
    """Receives the telemetry of all variants."""

    def __init__(self, folder: Path, core: int | None) -> None:
        pinned = {} if core is None else {"BENCH_CORE": str(core)}
        super().__init__([sys.executable, "-m", "bench.sink"], {**os.environ, **pinned}, folder / "sink.log")
        self._environment["PYTHONPATH"] = str(WORKER.parents[2])

    def __enter__(self) -> Self:
        super().__enter__()
        self.address = f"127.0.0.1:{int(self.line())}"
        return self

    def counts(self, variant: Variant) -> dict[str, int]:
        """What arrived from a variant so far: items by kind."""
        with urllib.request.urlopen(f"http://{self.address}/{variant.name}", timeout=60) as response:
            return dict(json.load(response))


class Worker(Child):
    """One variant's measured process."""

    def __init__(self, variant: Variant, sink: Sink, folder: Path, core: int | None) -> None:
        environment = variant.variables(sink.address, folder, core)
        super().__init__(variant.command(str(WORKER)), environment, folder / f"{variant.name}.log")
        self.variant, self._sink = variant, sink

    def started(self) -> float:
        """Waits until it serves; seconds of CPU until the application was imported."""
        return float(self._ask(None)["started"])

    def cpu(self, route: str, requests: int) -> float:
        """Seconds of CPU, of the whole process, that `requests` on a route and sending off what they left cost."""
        return float(self._ask({"route": route, "requests": requests})["cpu"])

    def resident(self) -> int:
        """Bytes of memory that are resident now."""
        return int(self._ask({"memory": True})["rss"])

    def arrived(self) -> dict[str, int]:
        """What arrived from it so far."""
        return self._sink.counts(self.variant)

    def _ask(self, command: dict[str, Any] | None) -> dict[str, Any]:
        assert self.process.stdin is not None
        if command is not None:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
        return dict(json.loads(self.line()))
