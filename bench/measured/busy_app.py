"""A handler like a practice's own: `uvicorn --factory busy_app:made`.

A request is eight queries to PostgreSQL, a command to Redis and four log lines, under nested dependencies.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import structlog
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from redis.asyncio import Redis
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_ROWS = 30

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
logging.basicConfig(filename=os.devnull, level=logging.INFO, format="%(message)s")
log = structlog.get_logger("practice.api")


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Workspace(Base):
    __tablename__ = "workspaces"
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    workspace_id: Mapped[int] = mapped_column(ForeignKey(Workspace.id))


class Client(Base):
    __tablename__ = "clients"
    workspace_id: Mapped[int] = mapped_column(ForeignKey(Workspace.id))
    name: Mapped[str]


class Appointment(Base):
    __tablename__ = "appointments"
    client_id: Mapped[int] = mapped_column(ForeignKey(Client.id))
    status: Mapped[str]


class Note(Base):
    __tablename__ = "notes"
    appointment_id: Mapped[int] = mapped_column(ForeignKey(Appointment.id))
    text: Mapped[str]


engine = create_async_engine(os.environ["BENCH_POSTGRES"])
sessions = async_sessionmaker(engine, expire_on_commit=False)
redis = Redis.from_url(os.environ["BENCH_REDIS"])


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


async def user(db: Annotated[AsyncSession, Depends(session)]) -> User:
    found = (await db.scalars(select(User).where(User.id == 1))).one()
    log.info("user_authenticated", method="token", user_id=found.id)
    return found


async def workspace(db: Annotated[AsyncSession, Depends(session)], by: Annotated[User, Depends(user)]) -> Workspace:
    return (await db.scalars(select(Workspace).where(Workspace.id == by.workspace_id))).one()


class Answer(BaseModel):
    total: int
    scheduled: int
    clients: list[str]
    notes: list[str]


async def appointment(
    appointment_id: int,
    db: Annotated[AsyncSession, Depends(session)],
    place: Annotated[Workspace, Depends(workspace)],
) -> Answer:
    log.info("appointment_requested", workspace_id=place.id, appointment_id=appointment_id)
    cached = await redis.get("practice:settings")
    found = (await db.scalars(select(Appointment).where(Appointment.id == appointment_id))).one()
    total = await db.scalar(select(func.count()).select_from(Appointment))
    scheduled = await db.scalar(select(func.count()).select_from(Appointment).where(Appointment.status == "scheduled"))
    people = (await db.scalars(select(Client).where(Client.workspace_id == place.id).limit(20))).all()
    written = await db.scalar(select(func.count()).select_from(Note).where(Note.appointment_id == found.id))
    notes = (await db.scalars(select(Note).where(Note.appointment_id == found.id).limit(5))).all()
    log.info("appointment_loaded", clients=len(people), notes=written, cached=cached is not None)
    log.info("audit_event", action="read", resource="appointment")
    names, texts = [person.name for person in people], [note.text for note in notes]
    return Answer(total=total or 0, scheduled=scheduled or 0, clients=names, notes=texts)


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with sessions.begin() as db:
        rows = range(1, _ROWS + 1)
        for of_one_table in (
            [Workspace(id=1, name="w")],
            [User(id=1, workspace_id=1), *(Client(id=row, workspace_id=1, name=f"c{row}") for row in rows)],
            [Appointment(id=row, client_id=row, status="scheduled") for row in rows],
            [Note(id=row, appointment_id=row, text="t") for row in rows],
        ):
            db.add_all(of_one_table)
            await db.flush()
    yield
    await engine.dispose()


def made() -> FastAPI:
    """The application, its tables made as it starts."""
    application = FastAPI(lifespan=_lifespan)
    application.get("/api/v1/appointments/{appointment_id}")(appointment)
    return application
