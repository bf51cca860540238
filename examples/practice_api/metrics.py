"""What the practice counts; the instruments are declared in `policy.yaml`."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from pazpaz_otel import counter, observe, up_down_counter
from practice_api.models import Workspace, now

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


def report_active_workspaces(database: Database, every: float) -> None:
    """Report how many workspaces had a write in the last 24 hours.

    Args:
        database: where the workspaces are.
        every: seconds between two readings; of all workers of a host one reads.
    """

    async def active_workspaces() -> int | None:
        recent = select(func.count()).select_from(Workspace).where(Workspace.last_write_at > now() - _DAY)
        try:
            async with database.session() as session:
                return await session.scalar(recent)
        except (SQLAlchemyError, OSError):
            logger.warning("active workspaces not read", exc_info=True)
            return None

    observe("active_workspaces_24h", active_workspaces, every=every)
