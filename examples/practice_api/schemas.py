"""What comes in and goes out."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from practice_api.models import CancelReason

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(max_length=20_000)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]


class WorkspaceCreate(BaseModel):
    """A new practice."""

    name: Line


class WorkspaceRead(BaseModel):
    """A practice."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str


class WorkspaceCreated(WorkspaceRead):
    """A new practice, with the token that is shown this once."""

    token: str


class ClientFields(BaseModel):
    """What is known of a client."""

    model_config = ConfigDict(from_attributes=True)

    name: Line
    phone: Annotated[str, StringConstraints(max_length=40)] | None = None
    email: Email | None = None
    date_of_birth: date | None = None
    address: Annotated[str, StringConstraints(max_length=400)] | None = None
    diagnosis: Note | None = None


class ClientRead(ClientFields):
    """A client."""

    id: uuid.UUID


class AppointmentCreate(BaseModel):
    """A new appointment."""

    client_id: uuid.UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    purpose: Note | None = None

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("an appointment ends after it starts")
        return self


class AppointmentRead(BaseModel):
    """An appointment."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    client_id: uuid.UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    purpose: str | None
    cancel_reason: CancelReason | None


class AppointmentCancel(BaseModel):
    """Why an appointment doesn't take place."""

    reason: CancelReason


class SoapNote(BaseModel):
    """A session note: subjective, objective, assessment, plan."""

    model_config = ConfigDict(from_attributes=True)

    subjective: Note = ""
    objective: Note = ""
    assessment: Note = ""
    plan: Note = ""


class SessionNoteRead(SoapNote):
    """A saved session note."""

    appointment_id: uuid.UUID
    saved_at: AwareDatetime


class Problem(BaseModel):
    """An error, with the id by which the log knows the request."""

    detail: object = Field(description="a sentence, or the list of what is wrong with the request")
    request_id: uuid.UUID
