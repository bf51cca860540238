"""A fault before any route is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import QueryParams

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

FAULTY_PATH = "/test/errors/middleware"


class FaultyMiddleware:
    """Fails at one path and lets the rest pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and scope["path"] == FAULTY_PATH:
            raise PermissionError(f"{QueryParams(scope['query_string']).get('name')} may not pass")
        await self._app(scope, receive, send)
