"""The routes that answer probes; the only module in this folder that needs FastAPI."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from pazpaz_otel.health.checks import HEALTH_PATHS, Check, Probe, Status

_HEALTH, _HEALTH_V1, _LIVE, _READY = HEALTH_PATHS
_METHODS = ["GET", "HEAD"]  # uptime services ask with HEAD
_OK, _UNAVAILABLE = 200, 503


def router(
    checks: Mapping[str, Check], *, database: str = "database", timeout: float = 1.5, cache: float = 1.0
) -> APIRouter:
    """Return health routes over `checks`, which maps names to coroutine functions that raise if something is wrong.

    - `/health`, `/api/v1/health`: the database; 200 `{status, database, timestamp}` or 503 `{detail, request_id}`.
    - `/health/live`: the process responds; checks nothing else.
    - `/health/ready`: every check; 200 or 503 with `{status, checks: {name: up | down | timeout}, timestamp}`.

    Responses show nothing of an error; the log does. These requests are neither traced nor counted.

    Args:
        checks: the checks by name; they run concurrently, and probes share their results.
        database: the name of the check that `/health` reports.
        timeout: the time limit of a check, in seconds.
        cache: how long a result is reused, in seconds.

    Raises:
        ValueError: `checks` has none named `database`.
    """
    if database not in checks:
        raise ValueError(f"no check is named {database!r}: /health has nothing to report")
    probes = [Probe(name, check, timeout=timeout, cache=cache) for name, check in checks.items()]
    database_probe = next(probe for probe in probes if probe.name == database)
    routes = APIRouter()

    async def health(request: Request) -> JSONResponse:
        if (await database_probe.outcome()).healthy:
            return _answer(_OK, {"status": "healthy", "database": "connected", "timestamp": _now()})
        body = {"detail": "Database connection unavailable", "request_id": _request_id(request)}
        return _answer(_UNAVAILABLE, body)

    async def live() -> JSONResponse:
        return _answer(_OK, {"status": "alive", "timestamp": _now()})

    async def ready() -> JSONResponse:
        outcomes = await asyncio.gather(*(probe.outcome() for probe in probes))
        statuses = {probe.name: outcome.status for probe, outcome in zip(probes, outcomes, strict=True)}
        passed = all(status is Status.UP for status in statuses.values())
        body = {"status": "ready" if passed else "unavailable", "checks": statuses, "timestamp": _now()}
        return _answer(_OK if passed else _UNAVAILABLE, body)

    for path, endpoint in ((_HEALTH, health), (_HEALTH_V1, health), (_LIVE, live), (_READY, ready)):
        routes.add_api_route(path, endpoint, methods=_METHODS, include_in_schema=False)
    return routes


def _answer(status: int, body: Mapping[str, Any]) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers={"cache-control": "no-store"})


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _request_id(request: Request) -> str:
    """Return the request id that the application's middleware set, or a new one."""
    return str(getattr(request.state, "request_id", None) or uuid.uuid4())
