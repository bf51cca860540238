"""Who is asking: a bearer token per workspace, of which the database knows the hash only."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select

from practice_api.db import Session
from practice_api.models import Workspace

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

_bearer = HTTPBearer(auto_error=False)


def new_token() -> str:
    """A token that can't be guessed."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """The token's SHA-256: enough for a secret that is random, and not chosen by a person."""
    return hashlib.sha256(token.encode()).hexdigest()


async def find_workspace(session: AsyncSession, token: str) -> Workspace | None:
    """The workspace that the token belongs to."""
    found: Workspace | None = await session.scalar(select(Workspace).where(Workspace.token_hash == hash_token(token)))
    return found


async def get_workspace(
    session: Session, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Workspace:
    """The workspace of the request's bearer token.

    Raises:
        HTTPException: 401, without a token or with one that is nobody's.
    """
    workspace = None if credentials is None else await find_workspace(session, credentials.credentials)
    if workspace is None:
        raise HTTPException(401, "Invalid or missing token", headers={"www-authenticate": "Bearer"})
    return workspace


CurrentWorkspace = Annotated[Workspace, Depends(get_workspace)]
