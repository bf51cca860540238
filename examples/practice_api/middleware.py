"""What happens around every request: its id, and its line in the log."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import structlog
from starlette.datastructures import Headers, MutableHeaders

from pazpaz_otel.health import HEALTH_PATHS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "x-request-id"

_log = structlog.get_logger(__name__)


class RequestContext:
    """Gives each request its id, tells it to the log and to the caller, and logs how the request ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get(REQUEST_ID))
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.accept"}:
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
                status = message.get("status", 101)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                _log.exception("request_failed", **_facts(scope, started))
                raise
            if scope["path"] not in HEALTH_PATHS:
                _log.info("request_completed", status_code=status, **_facts(scope, started))


def _facts(scope: Scope, started: float) -> dict[str, object]:
    return {
        "method": scope.get("method", "GET"),
        "route": getattr(scope.get("route"), "path", None),
        "duration_ms": round((time.perf_counter() - started) * 1000, 1),
    }


def _request_id(incoming: str | None) -> str:
    """The caller's id if it is a random UUID, else a new one: any other text could be about a person."""
    try:
        known = uuid.UUID(incoming or "")
    except ValueError:
        return str(uuid.uuid4())
    return str(known) if known.version in {4, 7} and known.variant == uuid.RFC_4122 else str(uuid.uuid4())
