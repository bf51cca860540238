"""Session notes in the SOAP form, one per appointment."""

from __future__ import annotations

import logging
import uuid

from fastapi import APIRouter, HTTPException
from sqlalchemy import select

from practice_api.auth import CurrentWorkspace
from practice_api.db import Session
from practice_api.metrics import session_note_saved
from practice_api.models import Appointment, SessionNote, now
from practice_api.routes.appointments import find_appointment
from practice_api.routes.clients import find_client
from practice_api.schemas import SessionNoteRead, SoapNote
from practice_api.services import AppServices

router = APIRouter(prefix="/api/v1", tags=["session notes"])
logger = logging.getLogger(__name__)


@router.put("/appointments/{appointment_id}/note")
async def save_note(
    appointment_id: uuid.UUID,
    body: SoapNote,
    workspace: CurrentWorkspace,
    session: Session,
    services: AppServices,
) -> SessionNoteRead:
    """Write the appointment's note, or write it anew."""
    appointment = await find_appointment(session, workspace, appointment_id)
    note = await session.get(SessionNote, appointment_id)
    if note is None:
        note = SessionNote(appointment_id=appointment_id)
        session.add(note)
    for field, value in body.model_dump().items():
        setattr(note, field, value)
    note.saved_at = workspace.last_write_at = now()
    await session.commit()
    session_note_saved(workspace)
    logger.info("note saved for %s", appointment.client.name)
    await services.live.publish(workspace.id, "session_note.saved", appointment_id)
    return SessionNoteRead.model_validate(note)


@router.get("/appointments/{appointment_id}/note")
async def read_note(appointment_id: uuid.UUID, workspace: CurrentWorkspace, session: Session) -> SessionNoteRead:
    """The appointment's note."""
    await find_appointment(session, workspace, appointment_id)
    note = await session.get(SessionNote, appointment_id)
    if note is None:
        raise HTTPException(404, f"No note for appointment {appointment_id}")
    return SessionNoteRead.model_validate(note)


@router.get("/clients/{client_id}/notes")
async def list_notes(client_id: uuid.UUID, workspace: CurrentWorkspace, session: Session) -> list[SessionNoteRead]:
    """A client's notes, the newest first."""
    client = await find_client(session, workspace, client_id)
    query = (
        select(SessionNote)
        .join(Appointment, Appointment.id == SessionNote.appointment_id)
        .where(Appointment.client_id == client.id)
        .order_by(Appointment.starts_at.desc())
    )
    return [SessionNoteRead.model_validate(note) for note in await session.scalars(query)]
