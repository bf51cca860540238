"""An application that writes down every event before it counts it."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

import pazpaz_otel
from tests.faults.application import SESSIONS
from tests.faults.counting import WORKSPACES_IN_DATABASE, count, open_sessions, own_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def workspaces_in_database() -> int:
    """Answers as a database would."""
    return WORKSPACES_IN_DATABASE


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Opens this worker's sessions."""
    pazpaz_otel.observe("active_workspaces_24h", workspaces_in_database, every=1.0)
    open_sessions()
    yield
    open_sessions(-SESSIONS)


app = FastAPI(lifespan=lifespan)


@app.post("/visits/{workspace_id}")
async def visit(workspace_id: str, duration: float, times: int = 1) -> dict[str, int]:
    """Counts some visits of a workspace."""
    count(workspace_id, duration, times)
    return {"worker": os.getpid()}


@app.get("/fork")
async def fork() -> dict[str, int]:
    """Let a child that is forked beside running threads count, and end without exit handlers."""
    child = os.fork()
    if not child:
        count(str(uuid.uuid4()), 0.1, 10, own_file())
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
