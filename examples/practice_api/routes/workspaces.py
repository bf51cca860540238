"""Practices."""

from __future__ import annotations

import logging

from fastapi import APIRouter

from practice_api.auth import CurrentWorkspace, hash_token, new_token
from practice_api.db import Session
from practice_api.models import Workspace
from practice_api.schemas import WorkspaceCreate, WorkspaceCreated, WorkspaceRead

router = APIRouter(prefix="/api/v1/workspaces", tags=["workspaces"])
logger = logging.getLogger(__name__)


@router.post("", status_code=201)
async def create_workspace(body: WorkspaceCreate, session: Session) -> WorkspaceCreated:
    """Open a practice; the answer holds its token, which is shown this once."""
    token = new_token()
    workspace = Workspace(name=body.name, token_hash=hash_token(token))
    session.add(workspace)
    await session.commit()
    logger.info("workspace %s opened", workspace.name)
    return WorkspaceCreated(id=workspace.id, name=workspace.name, token=token)


@router.get("/me")
async def read_workspace(workspace: CurrentWorkspace) -> WorkspaceRead:
    """The practice that the token belongs to."""
    return WorkspaceRead.model_validate(workspace)
