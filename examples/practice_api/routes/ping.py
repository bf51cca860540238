"""The least that a request can do."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["ping"])


@router.get("/ping")
async def ping() -> dict[str, str]:
    """Answer."""
    return {"status": "ok"}
