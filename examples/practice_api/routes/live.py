"""The WebSocket that tells a practice's open pages what has changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError

from practice_api.auth import find_workspace
from practice_api.metrics import live_sessions
from practice_api.services import AppServices, Services

if TYPE_CHECKING:
    from practice_api.models import Workspace

router = APIRouter(prefix="/api/v1", tags=["live updates"])
logger = logging.getLogger(__name__)

_FIRST_MESSAGE_SECONDS = 10
_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


class Hello(BaseModel):
    """The first message of a page: a browser's WebSocket can't send the Authorization header."""

    token: str


@router.websocket("/live")
async def live_updates(websocket: WebSocket, services: AppServices) -> None:
    """Send the updates of the workspace that the token belongs to; `ping` is answered with `pong`."""
    await websocket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        workspace = await _authenticate(websocket, services)
        if workspace is None:
            await websocket.close(_POLICY_VIOLATION, "Invalid or missing token")
            return
        live_sessions.add(1)
        try:
            await _serve(websocket, services, workspace)
        finally:
            live_sessions.add(-1)


async def _authenticate(websocket: WebSocket, services: Services) -> Workspace | None:
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        try:
            async with asyncio.timeout(_FIRST_MESSAGE_SECONDS):
                token = Hello.model_validate_json(await websocket.receive_text()).token
        except (TimeoutError, ValidationError):
            return None
    async with services.database.session() as session:
        return await find_workspace(session, token)


async def _serve(websocket: WebSocket, services: Services, workspace: Workspace) -> None:
    with services.live.subscribe(workspace.id) as updates:
        await websocket.send_json({"type": "ready"})
        logger.info("live session of %s opened", workspace.name)
        sender = asyncio.create_task(_send(websocket, updates))
        try:
            while True:
                if await websocket.receive_text() == "ping":
                    await websocket.send_text("pong")
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)


async def _send(websocket: WebSocket, updates: asyncio.Queue[str]) -> None:
    while True:
        await websocket.send_text(await updates.get())
