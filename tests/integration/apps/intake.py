"""An application that takes what no audit could guess, says much of it in its telemetry, and prints nothing."""

# ruff: noqa: G004, TC003 - it logs as applications do; FastAPI reads annotations at run time

from __future__ import annotations

import logging
import uuid
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, FastAPI, Form, Header, HTTPException, Query, WebSocket
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI()
logger = logging.getLogger("clinic.intake")
intakes: dict[str, Intake] = {}


class Referral(StrEnum):
    """Who sent somebody."""

    SELF = "self"
    DOCTOR = "doctor"


class Contact(BaseModel):
    """How somebody is reached."""

    mobile: str = Field(pattern=r"^\+?[0-9]{9,14}$")
    street: str = Field(min_length=2)
    code: str = Field(pattern=r"^[A-Z]{2}-[0-9]{4}$")


class Intake(BaseModel):
    """What a form asks."""

    model_config = ConfigDict(extra="forbid")

    given_name: str = Field(min_length=2, max_length=200)
    born: date
    referral: Referral
    contacts: list[Contact] = Field(min_length=1)
    score: int = Field(ge=3, le=27)
    insurer: uuid.UUID
    complaint: str | None = None


def let_in(authorization: Annotated[str, Header()] = "") -> None:
    if authorization != "Bearer let-me-in":
        raise HTTPException(401, "not you")


@app.post("/intakes", status_code=201, dependencies=[Depends(let_in)])
def make(intake: Intake) -> dict[str, str]:
    key = str(uuid.uuid4())
    intakes[key] = intake
    logger.info(f"{intake.given_name} of {intake.contacts[0].street} came with {intake.complaint}")
    return {"id": key}


@app.get("/intakes/{intake_id}", dependencies=[Depends(let_in)])
def read(intake_id: uuid.UUID, reason: Annotated[str, Query(min_length=3)]) -> None:
    if str(intake_id) not in intakes:
        raise HTTPException(404, f"no intake {intake_id}")
    raise LookupError(f"the record of {intakes[str(intake_id)].given_name} is broken: {reason}")


@app.post("/legacy/form", dependencies=[Depends(let_in)])
def form(full_name: Annotated[str, Form()], note: Annotated[str, Form()] = "") -> dict[str, bool]:
    logger.warning("form of %s: %s", full_name, note)
    return {"ok": True}


@app.websocket("/rooms/{room}")
async def talk(socket: WebSocket, room: str) -> None:
    await socket.accept()
    while True:
        said = await socket.receive_text()
        logger.error(f"{room}: {said}")
        await socket.send_text("heard")
