"""Test endpoints: errors of every kind, and slow answers."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Depends, HTTPException, Query, Response, WebSocket

# Importing them registers what they hold.
from practice_api.faults import concurrent, outside, raised  # noqa: F401
from practice_api.faults.middleware import FAULTY_PATH
from practice_api.faults.registry import FAULTS, Patient, Scene
from practice_api.services import AppServices

router = APIRouter(prefix="/test", tags=["tests"], include_in_schema=False)

_ROUTED = {"dependency": 500, "response_validation": 500, FAULTY_PATH.rpartition("/")[2]: 500}


@router.get("/sentry")
async def test_sentry() -> None:
    """Raise the error that shows that errors arrive."""
    raise ValueError("Test error for Sentry - if you see this in Sentry, it works!")


@router.get("/latency")
async def stall(
    ms: Annotated[int, Query(ge=0, le=30_000)] = 0, status: Annotated[int, Query(ge=200, le=599)] = 200
) -> Response:
    """Answer with `status` after `ms` milliseconds."""
    await asyncio.sleep(ms / 1000)
    return Response(status_code=status)


@router.get("/errors")
async def list_faults() -> dict[str, int]:
    """The kinds of errors that `/test/errors/{kind}` knows, and the status that the caller gets for each."""
    return _ROUTED | {kind: fault.status for kind, fault in FAULTS.items()}


def _refuse(patient: Annotated[Patient, Query()]) -> None:
    raise RuntimeError(f"{patient.name} has no file")


@router.get("/errors/dependency", dependencies=[Depends(_refuse)])
async def fail_in_dependency() -> None:
    """Fail before the route's own code."""


@router.get("/errors/response_validation")
async def fail_in_response(patient: Annotated[Patient, Query()]) -> int:
    """Return what the route's type doesn't allow."""
    return patient.name  # type: ignore[return-value]


@router.websocket("/errors/websocket")
async def fail_in_websocket(websocket: WebSocket) -> None:
    """Fail at the first message."""
    await websocket.accept()
    patient = Patient.model_validate_json(await websocket.receive_text())
    raise RuntimeError(f"{patient.name} hung up")


@router.get("/errors/{kind}")
async def fail(
    kind: str, patient: Annotated[Patient, Query()], services: AppServices, background: BackgroundTasks
) -> Response:
    """Fail in the named way, about a patient of the caller's choice."""
    fault = FAULTS.get(kind)
    if fault is None:
        raise HTTPException(404, f"No fault {kind}")
    return await fault.run(Scene(patient, services, background)) or Response()


@router.post("/errors/{kind}")
async def fail_with_body(
    kind: str, patient: Annotated[Patient, Body()], services: AppServices, background: BackgroundTasks
) -> Response:
    """Fail in the named way, with the patient in the request's body."""
    return await fail(kind, patient, services, background)
