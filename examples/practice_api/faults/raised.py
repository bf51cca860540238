"""Faults in the request's own course."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import sentry_sdk
import structlog
from fastapi import HTTPException, Response
from fastapi.responses import StreamingResponse

from practice_api.faults.registry import Patient, Scene, fault
from practice_api.schemas import ClientFields

logger = logging.getLogger(__name__)
log = structlog.get_logger(__name__)


class TreatmentConflictError(Exception):
    """An application's own exception, that carries what it is about."""

    def __init__(self, patient: Patient) -> None:
        super().__init__(f"{patient.name} is in treatment elsewhere: {patient.note}")
        self.patient = patient


@fault(500)
async def literal_message(_scene: Scene) -> None:
    raise ValueError("The clinic is closed today")


@fault(500)
async def formatted_message(scene: Scene) -> None:
    raise ValueError(f"Can't book {scene.patient.name}, call {scene.patient.phone}")


@fault(200)
async def handled_logged(scene: Scene) -> None:
    try:
        int(scene.patient.phone)
    except ValueError:
        logger.exception("phone of %s is no number", scene.patient.name)


@fault(200)
async def handled_structlog(scene: Scene) -> None:
    try:
        int(scene.patient.phone)
    except ValueError:
        log.exception("phone_invalid", client=scene.patient.name, phone=scene.patient.phone)


@fault(200)
async def handled_captured(scene: Scene) -> None:
    try:
        raise TreatmentConflictError(scene.patient)
    except TreatmentConflictError as error:
        sentry_sdk.capture_exception(error)


@fault(500)
async def chained(scene: Scene) -> None:
    try:
        int(scene.patient.note)
    except ValueError as error:
        raise RuntimeError(f"The note of {scene.patient.name} can't be read") from error


@fault(500)
async def raised_while_handling(scene: Scene) -> None:
    try:
        raise LookupError(scene.patient.name)
    except LookupError:
        _ = json.loads("{}")[scene.patient.phone]


@fault(500)
async def exception_group(scene: Scene) -> None:
    raise ExceptionGroup(
        f"Import of {scene.patient.name} failed",
        [ValueError(f"phone {scene.patient.phone}"), TypeError("The date of birth is missing")],
    )


@fault(500)
async def with_notes(scene: Scene) -> None:
    error = ValueError("The session note can't be saved")
    error.add_note(f"client: {scene.patient.name}")
    error.add_note(scene.patient.note)
    raise error


@fault(500)
async def custom_exception(scene: Scene) -> None:
    raise TreatmentConflictError(scene.patient)


@fault(500)
async def key_error(scene: Scene) -> None:
    diagnoses = {"somebody else": "healthy"}
    _ = diagnoses[scene.patient.name]


@fault(500)
async def assertion(scene: Scene) -> None:
    assert scene.patient.phone.isdigit(), f"{scene.patient.name} has the phone {scene.patient.phone}"


@fault(500)
async def nested_helper(scene: Scene) -> None:
    _check_contact(scene.patient)


def _check_contact(patient: Patient) -> None:
    def fail(reason: str) -> None:
        raise ValueError(reason)

    fail(f"{patient.phone} doesn't answer")


@fault(500)
async def json_decode(scene: Scene) -> None:
    json.loads("{" + scene.patient.note)


@fault(500)
async def unicode_decode(scene: Scene) -> None:
    (scene.patient.name.encode() + b"\xff").decode()


@fault(500)
async def attribute_error(scene: Scene) -> None:
    getattr(scene.patient, scene.patient.name)


@fault(500)
async def zero_division(_scene: Scene) -> None:
    sessions = 0
    _ = 100 / sessions


@fault(500)
async def recursion(scene: Scene) -> None:
    def visit(text: str) -> str:
        return visit(text)

    visit(scene.patient.note)


@fault(500)
async def validation(scene: Scene) -> None:
    ClientFields.model_validate({"name": scene.patient.name, "date_of_birth": scene.patient.note})


@fault(500)
async def http_exception(scene: Scene) -> None:
    raise HTTPException(500, f"No room for {scene.patient.name}")


@fault(418)
async def http_exception_client(scene: Scene) -> None:
    raise HTTPException(418, f"{scene.patient.name} asked a teapot")


@fault(200)
async def streaming_response(scene: Scene) -> Response:
    async def lines() -> AsyncIterator[str]:
        yield "first line\n"
        raise OSError(f"The export of {scene.patient.name} broke off")

    return StreamingResponse(lines())
