"""Faults of what the application calls: the database, Redis, other services."""

from __future__ import annotations

import logging
import uuid

import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from starlette.responses import Response

from practice_api.faults.registry import Patient, Scene, fault
from practice_api.models import Client, Workspace

_NOBODY = "127.0.0.1:9"  # the discard port, at which nothing listens

logger = logging.getLogger(__name__)


async def _insert_twice(scene: Scene) -> None:
    async with scene.services.database.session() as session:
        workspace = Workspace(name=scene.patient.name, token_hash=uuid.uuid4().hex)
        session.add(workspace)
        await session.flush()
        email = f"{scene.patient.phone}@example.org"
        for _ in range(2):
            session.add(Client(workspace_id=workspace.id, name=scene.patient.name, email=email))
        await session.commit()


@fault(500)
async def integrity_error(scene: Scene) -> None:
    await _insert_twice(scene)


@fault(200)
async def integrity_error_logged(scene: Scene) -> None:
    try:
        await _insert_twice(scene)
    except Exception as error:  # noqa: BLE001 - as it is often written
        logger.error(f"Could not save {scene.patient.name}: {error}")  # noqa: G004, TRY400 - as it is often written


@fault(500)
async def sql_error(scene: Scene) -> None:
    async with scene.services.database.session() as session:
        await session.execute(text(f"SELECT * FROM clients WHERE nickname = '{scene.patient.name}'"))


@fault(500)
async def httpx_refused(scene: Scene) -> None:
    await _post_note(scene.patient)


@fault(502)
async def httpx_refused_handled(scene: Scene) -> Response:
    try:
        await _post_note(scene.patient)
    except httpx.HTTPError:
        logger.exception("note of %s not passed on", scene.patient.name)
    return Response(status_code=502)


async def _post_note(patient: Patient) -> None:
    async with httpx.AsyncClient(timeout=1) as client:
        await client.post(f"http://{_NOBODY}/notes", params={"patient": patient.name}, json={"note": patient.note})


@fault(500)
async def httpx_status(scene: Scene) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        response = await client.get("http://registry.example/patients", params={"name": scene.patient.name})
        response.raise_for_status()


async def _cache(patient: Patient) -> None:
    client = Redis.from_url(f"redis://{_NOBODY}", socket_connect_timeout=1)
    try:
        await client.set(f"patient:{patient.name}", patient.note)
    finally:
        await client.aclose()


@fault(500)
async def redis_failure(scene: Scene) -> None:
    await _cache(scene.patient)


@fault(200)
async def redis_failure_logged(scene: Scene) -> None:
    try:
        await _cache(scene.patient)
    except RedisError:
        logger.exception("cache of %s not written", scene.patient.name)
