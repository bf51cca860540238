"""A small application without a line of telemetry, as the distribution's users have them."""

from __future__ import annotations

import logging
import os

import httpx
import sqlalchemy
from fastapi import APIRouter, FastAPI
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import create_async_engine

app = FastAPI()
router = APIRouter()
log = logging.getLogger(__name__)
clients = Table("clients", MetaData(), Column("id", Integer, primary_key=True), Column("name", String))
engine = create_async_engine("sqlite+aiosqlite://")


@router.get("/{client_id}")
async def read_client(client_id: str, name: str = "") -> dict[str, int | str]:
    """Looks for a client by name, and logs it as people do."""
    log.warning("client read by %s", name)
    async with engine.begin() as connection:
        await connection.run_sync(clients.metadata.create_all)
        await connection.execute(select(clients).where(clients.c.name == name))
    return {"worker": os.getpid(), "sqlalchemy": sqlalchemy.__version__}


@router.get("/{client_id}/closed")
async def closed(client_id: str) -> None:
    """Fails with a text of the source."""
    raise ValueError("Clinic is closed")


@router.get("/{client_id}/broken")
async def broken(client_id: str, name: str = "") -> None:
    """Fails with a text that holds a patient."""
    raise ValueError(f"no appointment for {name}")


@router.get("/{client_id}/remind")
async def remind(client_id: str, url: str) -> dict[str, int]:
    """Calls another service."""
    async with httpx.AsyncClient() as client:
        return {"status": (await client.get(url)).status_code}


app.include_router(router, prefix="/clients")


@app.get("/health")
async def health() -> dict[str, str]:
    """For probes."""
    return {"status": "healthy"}
