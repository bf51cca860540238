"""The database: engine, sessions, schema."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from starlette.requests import HTTPConnection

from practice_api.models import Base

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection

_SCHEMA_LOCK = 0x70726163  # any number, the same in every worker
_SCHEMA_ATTEMPTS = 50
_POSTGRES = {"timeout": 5, "command_timeout": 30}  # seconds


class Database:
    """An engine, and the sessions made from it."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_pre_ping": True, "connect_args": _POSTGRES}
        self.engine: AsyncEngine = create_async_engine(url, **options)
        self.session = async_sessionmaker(self.engine, expire_on_commit=False)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)

    async def create_schema(self) -> None:
        """Create the tables that are missing; workers that start together take turns."""
        for attempt in range(_SCHEMA_ATTEMPTS):
            try:
                async with self.engine.connect() as connection:
                    await self._create_schema(connection)
            except OperationalError:
                # SQLite doesn't wait for a lock when it switches to the write-ahead log.
                if not self.is_sqlite or attempt == _SCHEMA_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    async def _create_schema(self, connection: AsyncConnection) -> None:
        if self.is_sqlite:
            await connection.execute(text("PRAGMA journal_mode = WAL"))
            await connection.commit()
            await connection.execute(text("BEGIN IMMEDIATE"))
        else:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SCHEMA_LOCK})
        await connection.run_sync(Base.metadata.create_all)
        await connection.commit()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def get_database(connection: HTTPConnection) -> Database:
    """The application's database."""
    database: Database = connection.app.state.services.database
    return database


async def get_session(database: Annotated[Database, Depends(get_database)]) -> AsyncIterator[AsyncSession]:
    """A session for one request; what isn't committed is rolled back."""
    async with database.session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]
