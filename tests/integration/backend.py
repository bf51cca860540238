"""The reference backend as its users run it: a uvicorn process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.integration.instrumented import INSTRUMENT
from tests.programs import Program, free_port
from tests.programs.running import get

NOWHERE = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
"""The environment of an instrumented backend whose telemetry goes nowhere."""

_EXAMPLES = Path(__file__).parents[2] / "examples"


class Backend(Program):
    """The reference backend on a free port of 127.0.0.1, by default with a SQLite database in `folder`.

    Args:
        folder: for the database and the output.
        environment: settings of the application.
        workers: processes.
        instrumented: whether it runs under `opentelemetry-instrument`; `environment` says where the telemetry goes.
    """

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str] | None = None,
        *,
        workers: int = 1,
        instrumented: bool = False,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        scripts = Path(sys.executable).parent
        command = [*INSTRUMENT] if instrumented else []
        command += [str(scripts / "uvicorn"), "practice_api.main:app", "--app-dir", str(_EXAMPLES)]
        command += ["--port", str(self.port)]
        if workers > 1:
            # Its supervisor kills a worker that doesn't answer within five seconds, its imports included.
            command += ["--workers", str(workers), "--timeout-worker-healthcheck", "60"]
        settings = {
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'practice.db'}",
            "ENABLE_TEST_ENDPOINTS": "true",
            "PAZPAZ_OTEL_POLICY": str(_EXAMPLES / "practice_api" / "policy.yaml"),
            "PYTHONUNBUFFERED": "1",
        }
        super().__init__(command, folder, settings | (environment or {}), name="backend")

    def ready(self) -> bool:
        """Whether it serves."""
        return get(f"{self.url}/health/live")[0] == 200

    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects among what it has written so far."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
