"""Write down every event before it is counted, so that what is measured can be held against it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from opentelemetry import metrics

import pazpaz_otel
from tests.faults.application import SESSIONS
from tests.faults.clock import Clock

WORKSPACES_IN_DATABASE: Final = 7

if "CLOCK" in os.environ:
    Clock(Path(os.environ["CLOCK"])).rule()


def own_file() -> int:
    """Open the file in which this process writes down what it counts."""
    return os.open(Path(os.environ["TRUTH"]) / str(os.getpid()), os.O_CREAT | os.O_APPEND | os.O_WRONLY)


_truth = own_file()
_created = pazpaz_otel.counter("appointments.created")
_sessions = pazpaz_otel.up_down_counter("active_websocket_sessions")
_duration = metrics.get_meter(__name__).create_histogram(
    "visit.duration", unit="s", explicit_bucket_boundaries_advisory=[0.05, 0.1, 0.25, 0.5, 1.0, 2.5]
)


def count(workspace_id: str, duration: float, times: int, file: int = _truth) -> None:
    """Count some visits of a workspace."""
    for _ in range(times):
        os.write(file, f"{time.time()} {workspace_id} {duration}\n".encode())
        _created.add(1, {"workspace.id": workspace_id})
        _duration.record(duration)


def open_sessions(number: int = SESSIONS) -> None:
    """Open this worker's sessions, or close them with a negative number."""
    _sessions.add(number)
