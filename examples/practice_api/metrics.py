"""What the practice counts; the instruments are declared in `policy.yaml`."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from pazpaz_otel import counter, observe, up_down_counter
from practice_api.models import ACTIVE_WORKSPACES, Lease, Workspace, now

if TYPE_CHECKING:
    from practice_api.db import Database
    from practice_api.models import CancelReason

_DAY = timedelta(hours=24)

logger = logging.getLogger(__name__)

_appointments_created = counter("appointments.created")
_appointments_cancelled = counter("appointments.cancelled")
_session_notes_saved = counter("session_notes.saved")
live_sessions = up_down_counter("active_websocket_sessions")


def appointment_created(workspace: Workspace) -> None:
    """Count a new appointment."""
    _appointments_created.add(1, {"workspace.id": str(workspace.id)})


def appointment_cancelled(workspace: Workspace, reason: CancelReason) -> None:
    """Count a cancelled appointment."""
    _appointments_cancelled.add(1, {"workspace.id": str(workspace.id), "appointment.cancel.reason": reason.value})


def session_note_saved(workspace: Workspace) -> None:
    """Count a saved session note."""
    _session_notes_saved.add(1, {"workspace.id": str(workspace.id)})


class ActiveWorkspaces:
    """How many workspaces had a write in the last 24 hours.

    The number is read from the database now and then, so that a reader of metrics never waits for it. Of all workers
    the one that holds the lease reports it, so that it is right as a sum, too.

    Args:
        database: where the workspaces are.
        refresh: seconds between two readings.
    """

    def __init__(self, database: Database, refresh: float) -> None:
        self._database = database
        self._refresh = refresh
        self._worker = uuid.uuid4()
        self._value: int | None = None
        self._expires = 0.0
        observe(ACTIVE_WORKSPACES, self.value)

    def value(self) -> int | None:
        """The last reading, or `None` while another worker reports or the reading is too old to be told."""
        return self._value if time.monotonic() < self._expires else None

    async def run(self) -> None:
        """Keep the number fresh, until cancelled."""
        while True:
            try:
                await self._read()
            except (SQLAlchemyError, OSError):
                logger.warning("active workspaces not read", exc_info=True)
            await asyncio.sleep(self._refresh)

    async def release(self) -> None:
        """Let another worker report at once."""
        self._expires = 0.0
        try:
            async with self._database.session() as session:
                await session.execute(update(Lease).where(Lease.holder == self._worker).values(expires_at=now()))
                await session.commit()
        except (SQLAlchemyError, OSError):
            logger.warning("lease not released", exc_info=True)

    async def _read(self) -> None:
        started = time.monotonic()
        term = self._refresh * 3
        async with self._database.session() as session:
            mine = update(Lease).where(
                Lease.duty == ACTIVE_WORKSPACES, or_(Lease.holder == self._worker, Lease.expires_at < now())
            )
            taken = await session.execute(
                mine.values(holder=self._worker, expires_at=now() + timedelta(seconds=term)),
                execution_options={"synchronize_session": False},
            )
            await session.commit()
            if cast("CursorResult[object]", taken).rowcount == 0:
                self._expires = 0.0
                return
            recent = select(func.count()).select_from(Workspace).where(Workspace.last_write_at > now() - _DAY)
            self._value = await session.scalar(recent)
        self._expires = started + term
