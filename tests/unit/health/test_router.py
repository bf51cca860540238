"""The health routes' promises, as a client sees them."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from pazpaz_otel.health import HEALTH_PATHS, router

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SECRET = "password authentication failed for dana at 10.0.0.7"


async def passes() -> None:
    """All is well."""


async def fails() -> None:
    raise ConnectionRefusedError(SECRET)


def ask(app: FastAPI, path: str, method: str = "GET") -> httpx.Response:
    async def request() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as http:
            return await http.request(method, path)

    return asyncio.run(request())


def serving(**checks: Callable[[], Awaitable[None]]) -> FastAPI:
    app = FastAPI()
    app.include_router(router(checks))
    return app


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
class TestHealth:
    def test_a_healthy_database(self, path: str) -> None:
        """200 with exactly status, database and a timestamp with its zone."""
        response = ask(serving(database=passes, redis=fails), path)
        body = response.json()
        timestamp = datetime.fromisoformat(body.pop("timestamp"))
        assert response.status_code == 200
        assert body == {"status": "healthy", "database": "connected"}
        assert timestamp.tzinfo is not None

    def test_a_database_that_is_down(self, path: str) -> None:
        """503 with exactly a fixed sentence and a request id: nothing of the error."""
        response = ask(serving(database=fails), path)
        body = response.json()
        assert response.status_code == 503
        assert uuid.UUID(body.pop("request_id")).version == 4
        assert body == {"detail": "Database connection unavailable"}
        assert SECRET not in response.text + str(response.headers)

    def test_the_applications_request_id(self, path: str) -> None:
        """The request id is the one that the application's middleware gave the request."""
        app = FastAPI()
        app.include_router(router({"database": fails}))

        @app.middleware("http")
        async def give_id(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
            request.state.request_id = "4c4ee355-3ccb-4e31-accf-3163845c5191"
            return await call_next(request)

        assert ask(app, path).json()["request_id"] == "4c4ee355-3ccb-4e31-accf-3163845c5191"


class TestLiveAndReady:
    def test_the_process_is_alive_without_its_database(self) -> None:
        """Liveness looks at nothing but the process: restarting it mends no database."""
        assert ask(serving(database=fails), "/health/live").status_code == 200

    def test_ready_names_every_check(self) -> None:
        """Readiness is 503 if any check fails, and says which."""
        response = ask(serving(database=passes, redis=fails), "/health/ready")
        body: dict[str, Any] = response.json()
        assert response.status_code == 503
        assert body["status"] == "unavailable"
        assert body["checks"] == {"database": "up", "redis": "down"}
        assert SECRET not in response.text

    def test_ready_when_all_pass(self) -> None:
        """Readiness is 200 if every check passes."""
        response = ask(serving(database=passes, redis=passes), "/health/ready")
        assert (response.status_code, response.json()["status"]) == (200, "ready")


@pytest.mark.parametrize("path", HEALTH_PATHS)
def test_head_is_answered_as_get(path: str) -> None:
    """Uptime services ask with HEAD: same status, not cached, and other methods are refused."""
    app = serving(database=fails)
    answer = ask(app, path, "HEAD")
    assert answer.status_code == ask(app, path).status_code
    assert answer.headers["cache-control"] == "no-store"
    assert ask(app, path, "POST").status_code == 405


def test_a_router_without_a_database_check_is_refused() -> None:
    """`/health` can't claim a connected database that nobody checks."""
    with pytest.raises(ValueError, match="no check is named 'database'"):
        router({"redis": passes})
