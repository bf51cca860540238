"""A gauge that takes its time: read aside, by one worker of the host, and by another when that one ends."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import Instrumented
from tests.integration.sums import latest
from tests.programs import HttpSink, wait_until

if TYPE_CHECKING:
    from pathlib import Path

SERVER = ("uvicorn", "observed:app", "--port", "{port}", "--workers", "2", "--timeout-worker-healthcheck", "60")


@pytest.mark.slow
def test_one_worker_asks_and_another_takes_over(tmp_path: Path, otlp_http_sink: HttpSink):
    """Of two workers one asks again and again; the gauge is there once; killed, the other one asks."""
    asked = tmp_path / "asked"
    (tmp_path / "tmp").mkdir()
    environment = {"ASKED": str(asked), "TMPDIR": str(tmp_path / "tmp"), "PAZPAZ_OTEL_SCRAPE_INTERVAL": "0"}

    def askers() -> list[str]:
        return asked.read_text(encoding="utf-8").split()

    with Instrumented(tmp_path, otlp_http_sink, environment, SERVER):
        wait_until(lambda: len(askers()) >= 4, "several readings")
        # Both workers may have started before they knew of each other's ledger.
        first = askers()[-1]
        wait_until(lambda: askers()[-3:] == [first] * 3, "one worker to ask")
        wait_until(lambda: latest(otlp_http_sink, "active_workspaces_24h"), "the gauge")
        values = [point.as_int for point in latest(otlp_http_sink, "active_workspaces_24h").values()]
        assert values == [7]
        os.kill(int(first), signal.SIGKILL)
        wait_until(lambda: askers()[-1] != first, "another worker to ask", 60)
