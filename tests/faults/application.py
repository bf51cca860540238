"""The counting application under a real server, with four workers."""

from __future__ import annotations

import json
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.instrumented import tool
from tests.programs import Program, free_port, wait_until
from tests.programs.golang import ROOT
from tests.programs.running import get
from tests.programs.stack import TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKERS = 4
SESSIONS = 3
"""Sessions that each worker holds open while it lives."""
SERVERS = ("uvicorn", "gunicorn", "gthread")
_MODULE = "tests.faults.counting_app:app"


class CountingApplication(Program):
    """`counting_app`, sending to a Collector.

    Args:
        folder: of its own; `truth` has what its workers wrote down.
        server: `uvicorn`, `gunicorn` (with uvicorn's workers) or `gthread` (gunicorn's, and no framework).
        endpoint: of the Collector's receiver for guarded senders.
        recycle: requests after which a worker is replaced; 0: never.
        environment: settings.
    """

    def __init__(
        self,
        folder: Path,
        server: str,
        endpoint: str,
        *,
        recycle: int = 0,
        workers: int = WORKERS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.truth = folder / "truth"
        self.truth.mkdir(parents=True)
        (folder / "tmp").mkdir()
        super().__init__(
            [tool("opentelemetry-instrument"), *_command(server, self.port, recycle, workers)],
            folder,
            {
                "TRUTH": str(self.truth),
                "TMPDIR": str(folder / "tmp"),
                "PYTHONPATH": str(ROOT),
                "OTEL_SERVICE_NAME": "counting",
                "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
                "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{TOKEN}",
                "OTEL_METRIC_EXPORT_INTERVAL": "1000",
                "PAZPAZ_OTEL_SCRAPE_INTERVAL": "3",
                **(environment or {}),
            },
            name="application",
        )

    def ready(self) -> bool:
        """Whether it serves."""
        return get(f"http://127.0.0.1:{self.port}/health")[0] == 200

    def worker(self) -> int:
        """Return the process id of a worker, as soon as one answers."""
        url = f"http://127.0.0.1:{self.port}/visits/none?duration=0.1&times=0"

        def answering() -> int:
            with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10) as response:
                return int(json.loads(response.read())["worker"])

        return wait_until(answering, "a worker", 60)

    def ask(self, path: str, timeout: float = 10.0) -> None:
        """Ask for something that isn't part of the load; an error is an answer, too."""
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout).close()

    def sessions(self) -> int:
        """Return how many sessions its living workers hold open."""
        return SESSIONS * sum(_runs(file.name) for file in self.truth.iterdir())


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _command(server: str, port: int, recycle: int, workers: int) -> list[str]:
    if server == "uvicorn":
        command = ["uvicorn", _MODULE, "--port", str(port), "--log-level", "warning", "--workers", str(workers)]
        # Its supervisor waits so long for the answer of a worker that has just ended, and replaces none meanwhile.
        command += ["--timeout-worker-healthcheck", "15"]
        return [tool("uvicorn"), *command[1:], *(["--limit-max-requests", str(recycle)] if recycle else [])]
    command = [_MODULE, "-k", "uvicorn.workers.UvicornWorker", "-w", str(workers), "-b", f"127.0.0.1:{port}"]
    # uvicorn's workers beat their heart by the wall clock, and gunicorn would kill one whose clock goes back.
    command += ["--timeout", "600"]
    if server == "gthread":
        command[:3] = ["tests.faults.counting_wsgi:app", "-k", "gthread", "--threads", "4"]
    return [tool("gunicorn"), *command, *(["--max-requests", str(recycle)] if recycle else [])]
