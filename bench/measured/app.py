"""The applications that are measured: a small one, and one with the routes of a real back end.

They know nothing of telemetry. Imported by the measured process only, from whichever environment it runs in.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

logger = logging.getLogger("clinic.appointments")

RESOURCES = (
    "workspaces", "clients", "appointments", "sessions", "notes", "services",
    "locations", "payments", "invoices", "messages", "documents", "users",
)  # fmt: skip
"""Twelve resources of seven routes each: 84."""


class Base(DeclarativeBase):
    """The application's metadata."""


class Appointment(Base):
    """One row is all there is."""

    __tablename__ = "appointments"
    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ.get('BENCH_DATABASE', 'bench.db')}")
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def session() -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with sessions() as made:
        yield made


Session = Annotated[AsyncSession, Depends(session)]


async def prepare() -> None:
    """Makes the table and its row."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with sessions() as made:
        await made.merge(Appointment(id=1, status="scheduled"))
        await made.commit()


async def _status(made: AsyncSession) -> dict[str, str | None]:
    return {"status": await made.scalar(select(Appointment.status).where(Appointment.id == 1))}


def _fast_api() -> FastAPI:
    # FastAPI's own telemetry, where contrib's instrumentation is off: one span a request instead of four.
    return FastAPI(telemetry={"operation_spans": False}) if os.environ.get("BENCH_NATIVE") else FastAPI()


def small() -> FastAPI:
    """Five routes: one that does nothing, one with a query, two with a log line, one that raises."""
    app = _fast_api()
    count = iter(range(1_000_000_000))

    @app.get("/ping")
    async def ping() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/db")
    async def db(made: Session) -> dict[str, str | None]:
        return await _status(made)

    @app.get("/log")
    async def log() -> dict[str, str]:
        logger.warning("%d reminders are late", 3)
        return {"status": "ok"}

    @app.get("/composed")
    async def composed() -> dict[str, str]:
        logger.warning(f"{next(count)} reminders are late")  # noqa: G004 - that is what is measured
        return {"status": "ok"}

    @app.get("/raise")
    async def fail() -> None:
        raise ValueError(f"appointment {next(count)} is closed")

    return app


def large() -> FastAPI:
    """Eighty-four routes in routers under a prefix; the measured ones are in the middle."""
    app = _fast_api()
    for name in RESOURCES:
        app.include_router(_router(name), prefix="/api/v1")
    return app


def _router(name: str) -> APIRouter:
    router = APIRouter(prefix=f"/{name}")

    async def plain() -> dict[str, str]:
        return {"status": "ok"}

    async def one(item_id: str) -> dict[str, str]:
        return {"id": item_id}

    async def queried(item_id: str, made: Session) -> dict[str, str | None]:  # noqa: ARG001 - a path parameter
        return await _status(made)

    router.get("")(plain)
    router.post("")(plain)
    router.get("/{item_id}")(one)
    router.put("/{item_id}")(one)
    router.delete("/{item_id}")(one)
    router.get("/{item_id}/status")(queried)
    router.get("/{item_id}/history")(one)
    return router
