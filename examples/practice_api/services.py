"""What the application keeps for its whole life, and the routes' way to it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from practice_api.db import Database
from practice_api.live import LiveUpdates, connect_redis
from practice_api.metrics import report_active_workspaces
from practice_api.reminders import Reminders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from practice_api.settings import Settings


class Services:
    """Everything that is opened once and shared by the requests."""

    def __init__(self, settings: Settings) -> None:
        self.database = Database(settings.database())
        self.redis = connect_redis(settings.redis())
        self.live = LiveUpdates(self.redis)
        self.reminders = Reminders(settings.reminder_webhook_url, settings.reminder_timeout_seconds)
        self._refresh = settings.active_workspaces_refresh_seconds

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Prepare the database, and keep the background work going."""
        await self.database.create_schema()
        report_active_workspaces(self.database, self._refresh)
        live = asyncio.create_task(self.live.run())
        try:
            yield
        finally:
            live.cancel()
            await asyncio.gather(live, return_exceptions=True)
            await self.reminders.close()
            if self.redis is not None:
                await self.redis.aclose()
            await self.database.close()


def get_services(connection: HTTPConnection) -> Services:
    """The application's services."""
    services: Services = connection.app.state.services
    return services


AppServices = Annotated[Services, Depends(get_services)]
