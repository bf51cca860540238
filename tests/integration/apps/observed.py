"""An application whose database is asked for a gauge, by whichever worker has the duty."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

import pazpaz_otel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOG = Path(os.environ["ASKED"])


async def active_workspaces() -> int:
    """Notes who asked."""
    with LOG.open("a", encoding="utf-8") as file:  # noqa: ASYNC230 - a line
        file.write(f"{os.getpid()}\n")
    return 7


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Observes on the application's own loop."""
    pazpaz_otel.observe("active_workspaces_24h", active_workspaces, every=0.5)
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> dict[str, str]:
    """For probes."""
    return {"status": "healthy"}
