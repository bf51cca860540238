"""An application that writes down every event before it counts it, so that what is measured can be held against it."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from opentelemetry import metrics

import pazpaz_otel
from tests.faults.application import SESSIONS
from tests.faults.clock import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WORKSPACES_IN_DATABASE = 7

if "CLOCK" in os.environ:
    Clock(Path(os.environ["CLOCK"])).rule()


def _own_file() -> int:
    return os.open(Path(os.environ["TRUTH"]) / str(os.getpid()), os.O_CREAT | os.O_APPEND | os.O_WRONLY)


_truth = _own_file()
_created = pazpaz_otel.counter("appointments.created")
_sessions = pazpaz_otel.up_down_counter("active_websocket_sessions")
_duration = metrics.get_meter(__name__).create_histogram(
    "visit.duration", unit="s", explicit_bucket_boundaries_advisory=[0.05, 0.1, 0.25, 0.5, 1.0, 2.5]
)


async def workspaces_in_database() -> int:
    """Answers as a database would."""
    return WORKSPACES_IN_DATABASE


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Opens this worker's sessions."""
    pazpaz_otel.observe("active_workspaces_24h", workspaces_in_database, every=1.0)
    _sessions.add(SESSIONS)
    yield
    _sessions.add(-SESSIONS)


app = FastAPI(lifespan=lifespan)


@app.post("/visits/{workspace_id}")
async def visit(workspace_id: str, duration: float, times: int = 1) -> dict[str, int]:
    """Counts some visits of a workspace."""
    _count(_truth, workspace_id, duration, times)
    return {"worker": os.getpid()}


def _count(file: int, workspace_id: str, duration: float, times: int) -> None:
    for _ in range(times):
        os.write(file, f"{time.time()} {workspace_id} {duration}\n".encode())
        _created.add(1, {"workspace.id": workspace_id})
        _duration.record(duration)


@app.get("/fork")
async def fork() -> dict[str, int]:
    """Let a child that is forked beside running threads count, and end without exit handlers."""
    child = os.fork()
    if not child:
        _count(_own_file(), str(uuid.uuid4()), 0.1, 10)
        os._exit(0)
    os.waitpid(child, 0)  # noqa: ASYNC222 - the child ends at once
    return {"worker": os.getpid()}


@app.get("/block")
async def block(seconds: float) -> dict[str, int]:
    """Holds the event loop up."""
    time.sleep(seconds)  # noqa: ASYNC251 - that is the fault
    await asyncio.sleep(0)
    return {"worker": os.getpid()}


@app.get("/fail")
async def fail() -> None:
    """Raise what Sentry is to hear of."""
    raise LookupError


@app.get("/health")
async def health() -> dict[str, str]:
    """For probes."""
    return {"status": "healthy"}
