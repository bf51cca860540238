"""Clients of a practice."""

from __future__ import annotations

import logging
import uuid
from typing import Annotated

import structlog
from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from practice_api.auth import CurrentWorkspace
from practice_api.db import Session
from practice_api.models import Client, Workspace, now
from practice_api.schemas import ClientFields, ClientRead

router = APIRouter(prefix="/api/v1/clients", tags=["clients"])
logger = logging.getLogger(__name__)
log = structlog.get_logger(__name__)


async def find_client(session: AsyncSession, workspace: Workspace, client_id: uuid.UUID) -> Client:
    """The workspace's client.

    Raises:
        HTTPException: 404, where the workspace has no such client.
    """
    client = await session.scalar(select(Client).where(Client.id == client_id, Client.workspace_id == workspace.id))
    if client is None:
        raise HTTPException(404, f"No client {client_id}")
    return client


async def _save(session: AsyncSession, workspace: Workspace, client: Client) -> ClientRead:
    workspace.last_write_at = now()
    saved = ClientRead.model_validate(client)
    try:
        await session.commit()
    except IntegrityError as error:
        logger.warning(f"{saved.name} <{saved.email}> is already a client")  # noqa: G004 - as it is often written
        raise HTTPException(409, "A client with this e-mail exists") from error
    return saved


@router.post("", status_code=201)
async def create_client(body: ClientFields, workspace: CurrentWorkspace, session: Session) -> ClientRead:
    """Add a client."""
    client = Client(id=uuid.uuid4(), workspace_id=workspace.id, **body.model_dump())
    session.add(client)
    saved = await _save(session, workspace, client)
    log.info("client_created", client=client.name, phone=client.phone, workspace_id=str(workspace.id))
    return saved


@router.get("")
async def list_clients(
    workspace: CurrentWorkspace,
    session: Session,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ClientRead]:
    """The clients by name, or those of whom the name, phone or e-mail holds `q`."""
    query = select(Client).where(Client.workspace_id == workspace.id).order_by(Client.name).limit(limit)
    if q:
        query = query.where(or_(*(field.contains(q, autoescape=True) for field in _SEARCHED)))
        logger.info("clients searched for %r", q)
    return [ClientRead.model_validate(client) for client in await session.scalars(query)]


_SEARCHED = (Client.name, Client.phone, Client.email)


@router.get("/{client_id}")
async def read_client(client_id: uuid.UUID, workspace: CurrentWorkspace, session: Session) -> ClientRead:
    """One client."""
    return ClientRead.model_validate(await find_client(session, workspace, client_id))


@router.put("/{client_id}")
async def update_client(
    client_id: uuid.UUID, body: ClientFields, workspace: CurrentWorkspace, session: Session
) -> ClientRead:
    """Change what is known of a client."""
    client = await find_client(session, workspace, client_id)
    for field, value in body.model_dump().items():
        setattr(client, field, value)
    return await _save(session, workspace, client)
