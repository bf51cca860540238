"""Checks that are limited in time, shared by probes, and without telemetry of their own."""

from __future__ import annotations

import asyncio
import contextvars
import enum
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from opentelemetry.instrumentation.utils import suppress_instrumentation

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Check: TypeAlias = Callable[[], Awaitable[None]]
"""A coroutine function that returns if all is well, and raises otherwise."""

HEALTH_PATHS: tuple[str, ...] = ("/health", "/api/v1/health", "/health/live", "/health/ready")
"""The paths that the health router serves: never traced, never counted."""

_logger = logging.getLogger(__name__)


class Status(enum.StrEnum):
    """The result of a check; the values appear in responses."""

    UP = "up"
    DOWN = "down"
    TIMEOUT = "timeout"


class Outcome(NamedTuple):
    """The result of one run of a check."""

    status: Status
    at: float
    """When the run ended, in seconds of the monotonic clock."""

    @property
    def healthy(self) -> bool:
        """Whether the check passed."""
        return self.status is Status.UP


class Probe:
    """A named check that runs at most once at a time and once in `cache` seconds, however many callers there are.

    Args:
        name: the check's name in responses and the log.
        check: a coroutine function that returns if all is well, and raises otherwise.
        timeout: seconds after which the answer is `Status.TIMEOUT`, even if the check can't be cancelled.
        cache: how long a result is reused, in seconds.
    """

    def __init__(self, name: str, check: Check, *, timeout: float = 1.5, cache: float = 1.0) -> None:
        self.name = name
        self._check = check
        self._timeout = timeout
        self._cache = cache
        self._last: Outcome | None = None
        self._flight: asyncio.Task[Outcome] | None = None
        self._stuck: asyncio.Task[None] | None = None

    async def outcome(self) -> Outcome:
        """Return a recent result, else that of the run in progress or of a new run; a failed check doesn't raise."""
        if self._last is not None and time.monotonic() - self._last.at < self._cache:
            return self._last
        if self._flight is None or self._flight.done():
            # An empty context: the run belongs to no request, and may outlive the request that started it.
            self._flight = asyncio.create_task(self._run(), context=contextvars.Context())
        return await asyncio.shield(self._flight)

    async def _run(self) -> Outcome:
        self._last = Outcome(await self._ask(), time.monotonic())
        return self._last

    async def _ask(self) -> Status:
        if self._stuck is not None and not self._stuck.done():
            # Starting another run beside a check that ignores its cancellation would pile up connections.
            self._stuck.cancel()
            return Status.TIMEOUT
        task = asyncio.create_task(self._silent())
        # asyncio.timeout() would wait for the cancelled check's clean-up, which can hang on the same connection.
        done, _ = await asyncio.wait({task}, timeout=self._timeout)
        if not done:
            task.cancel()
            task.add_done_callback(_retrieve)
            self._stuck = task
            _logger.error("health check timed out", extra={"health_check": self.name})
            return Status.TIMEOUT
        if task.cancelled():
            return Status.DOWN
        if (error := task.exception()) is not None:
            _logger.error("health check failed", exc_info=error, extra={"health_check": self.name})
            return Status.DOWN
        return Status.UP

    async def _silent(self) -> None:
        with suppress_instrumentation():
            await self._check()


def _retrieve(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()


def check_sqlalchemy(engine: AsyncEngine) -> Check:
    """Return a check that the database behind `engine` answers a query, using a connection from the engine's pool."""

    async def check() -> None:
        connection: AsyncConnection = await engine.connect()
        try:
            await connection.exec_driver_sql("SELECT 1")
        except BaseException:
            # Returning the connection to the pool would first roll back, which may never finish.
            await connection.invalidate()
            raise
        finally:
            await connection.close()

    return check


class _Pings(Protocol):
    def ping(self) -> Any: ...


def check_redis(client: _Pings) -> Check:
    """Return a check that the server behind `client` (a `redis.asyncio.Redis`) answers PING."""

    async def check() -> None:
        await client.ping()

    return check
