"""The application: `uvicorn practice_api.main:app --app-dir examples`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from pazpaz_otel import health
from practice_api.errors import add_error_handlers
from practice_api.faults.middleware import FaultyMiddleware
from practice_api.logs import configure_logging
from practice_api.middleware import RequestContext
from practice_api.routes import appointments, clients, faults, live, ping, session_notes, workspaces
from practice_api.services import Services
from practice_api.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def create_app(settings: Settings) -> FastAPI:
    """The application that `settings` describe; nothing is connected before it starts."""
    configure_logging(settings.log_level)
    services = Services(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with services.running():
            yield

    app = FastAPI(title="Practice API", lifespan=lifespan)
    app.state.services = services
    if settings.enable_test_endpoints:
        app.include_router(faults.router)
        app.add_middleware(FaultyMiddleware)
    app.add_middleware(RequestContext)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["authorization", "content-type", "traceparent", "x-request-id"],
            expose_headers=["x-request-id"],
        )
    add_error_handlers(app)
    checks = {"database": health.check_sqlalchemy(services.database.engine)}
    if services.redis is not None:
        checks["redis"] = health.check_redis(services.redis)
    app.include_router(health.router(checks))
    for routes in (ping, workspaces, clients, appointments, session_notes, live):
        app.include_router(routes.router)
    return app


app = create_app(Settings())
