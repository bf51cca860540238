"""Appointments."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import structlog
from fastapi import APIRouter, BackgroundTasks, HTTPException, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from practice_api.auth import CurrentWorkspace
from practice_api.calendar import render_calendar
from practice_api.db import Session
from practice_api.metrics import appointment_cancelled, appointment_created
from practice_api.models import Appointment, Workspace, now
from practice_api.routes.clients import find_client
from practice_api.schemas import AppointmentCancel, AppointmentCreate, AppointmentRead
from practice_api.services import AppServices

if TYPE_CHECKING:
    from sqlalchemy import Select

router = APIRouter(prefix="/api/v1/appointments", tags=["appointments"])
logger = logging.getLogger(__name__)
log = structlog.get_logger(__name__)


async def find_appointment(session: AsyncSession, workspace: Workspace, appointment_id: uuid.UUID) -> Appointment:
    """The workspace's appointment, with its client.

    Raises:
        HTTPException: 404, where the workspace has no such appointment.
    """
    query = select(Appointment).where(Appointment.id == appointment_id, Appointment.workspace_id == workspace.id)
    appointment = await session.scalar(query.options(joinedload(Appointment.client)))
    if appointment is None:
        raise HTTPException(404, f"No appointment {appointment_id}")
    return appointment


@router.post("", status_code=201)
async def create_appointment(
    body: AppointmentCreate,
    workspace: CurrentWorkspace,
    session: Session,
    services: AppServices,
    background: BackgroundTasks,
) -> AppointmentRead:
    """Book an appointment; the client is reminded, the practice's open pages are told."""
    client = await find_client(session, workspace, body.client_id)
    appointment = Appointment(id=uuid.uuid4(), workspace_id=workspace.id, **body.model_dump())
    session.add(appointment)
    workspace.last_write_at = now()
    await session.commit()
    appointment_created(workspace)
    logger.info("appointment booked for %s", client.name)
    await services.live.publish(workspace.id, "appointment.created", appointment.id)
    background.add_task(services.reminders.send, client, appointment)
    return AppointmentRead.model_validate(appointment)


def _between(workspace: Workspace, start: datetime | None, end: datetime | None) -> Select[Any]:
    first = start or now() - timedelta(days=1)
    last = end or first + timedelta(days=31)
    return (
        select(Appointment)
        .where(Appointment.workspace_id == workspace.id, Appointment.starts_at.between(first, last))
        .order_by(Appointment.starts_at)
    )


@router.get("")
async def list_appointments(
    workspace: CurrentWorkspace,
    session: Session,
    start: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[AppointmentRead]:
    """The appointments from `start` to `end`: unless told otherwise, from yesterday on for a month."""
    found = await session.scalars(_between(workspace, start, end).limit(limit))
    return [AppointmentRead.model_validate(appointment) for appointment in found]


@router.get("/calendar.ics")
async def export_calendar(workspace: CurrentWorkspace, session: Session) -> Response:
    """All appointments, for a calendar program."""
    query = _between(workspace, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    found = list(await session.scalars(query.options(joinedload(Appointment.client))))
    return Response(await asyncio.to_thread(render_calendar, found), media_type="text/calendar")


@router.get("/{appointment_id}")
async def read_appointment(appointment_id: uuid.UUID, workspace: CurrentWorkspace, session: Session) -> AppointmentRead:
    """One appointment."""
    return AppointmentRead.model_validate(await find_appointment(session, workspace, appointment_id))


@router.post("/{appointment_id}/cancel")
async def cancel_appointment(
    appointment_id: uuid.UUID,
    body: AppointmentCancel,
    workspace: CurrentWorkspace,
    session: Session,
    services: AppServices,
) -> AppointmentRead:
    """Cancel an appointment; 409 if it was cancelled before."""
    appointment = await find_appointment(session, workspace, appointment_id)
    if appointment.cancel_reason is not None:
        raise HTTPException(409, f"The appointment of {appointment.client.name} is already cancelled")
    appointment.cancel_reason = body.reason
    workspace.last_write_at = now()
    await session.commit()
    appointment_cancelled(workspace, body.reason)
    log.info("appointment_cancelled", reason=body.reason.value, client=appointment.client.name)
    await services.live.publish(workspace.id, "appointment.cancelled", appointment.id)
    return AppointmentRead.model_validate(appointment)
