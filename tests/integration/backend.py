"""The reference backend as its users run it: a uvicorn process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.programs import Program, free_port
from tests.programs.running import get

_EXAMPLES = Path(__file__).parents[2] / "examples"


class Backend(Program):
    """The reference backend on a free port of 127.0.0.1, by default with a SQLite database in `folder`.

    Args:
        folder: for the database and the output.
        environment: settings of the application.
        workers: processes.
        runner: what stands before uvicorn's command, such as `opentelemetry-instrument`.
    """

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str] | None = None,
        *,
        workers: int = 1,
        runner: tuple[str, ...] = (),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        uvicorn = str(Path(sys.executable).with_name("uvicorn"))
        command = [*runner, uvicorn, "practice_api.main:app", "--app-dir", str(_EXAMPLES), "--port", str(self.port)]
        if workers > 1:
            command += ["--workers", str(workers)]
        settings = {
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'practice.db'}",
            "ENABLE_TEST_ENDPOINTS": "true",
            "PYTHONUNBUFFERED": "1",
        }
        super().__init__(command, folder, settings | (environment or {}), name="backend")

    def ready(self) -> bool:
        """Whether it serves."""
        return get(f"{self.url}/health/live")[0] == 200

    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects among what it has written so far."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
