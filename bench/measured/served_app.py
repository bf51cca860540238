"""The small application for a server: `uvicorn --factory served_app:made`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

if os.environ.get("BENCH_GUIDE"):
    import guide

    guide.start()

import app as applications


def made() -> FastAPI:
    """The application, its table made as it starts."""
    application = applications.small()
    application.router.lifespan_context = _lifespan
    return guide.instrument(application) if os.environ.get("BENCH_GUIDE") else application


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    await applications.prepare()
    yield
    await applications.engine.dispose()
