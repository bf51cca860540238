"""Live updates: everyone who has a workspace open is told what changes in it, across workers if there is a Redis."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import defaultdict
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from redis.exceptions import RedisError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

_CHANNEL = "live:"
_BACKLOG = 100
_RETRY_SECONDS = 1.0
_PUBLISH_SECONDS = 1.0

logger = logging.getLogger(__name__)


class LiveUpdates:
    """Publishes and delivers updates.

    Args:
        redis: carries updates between workers; without it they reach this worker's connections only.
    """

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._queues: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)

    @contextlib.contextmanager
    def subscribe(self, workspace_id: uuid.UUID) -> Iterator[asyncio.Queue[str]]:
        """A queue of the workspace's updates, each a JSON object."""
        queue: asyncio.Queue[str] = asyncio.Queue(_BACKLOG)
        queues = self._queues[str(workspace_id)]
        queues.add(queue)
        try:
            yield queue
        finally:
            queues.discard(queue)
            if not queues:
                self._queues.pop(str(workspace_id), None)

    async def publish(self, workspace_id: uuid.UUID, kind: str, subject_id: uuid.UUID) -> None:
        """Tell of a change; an update that can't be told is lost, as the page reads again when it is next opened."""
        update = json.dumps({"type": kind, "id": str(subject_id)})
        if self._redis is not None:
            try:
                async with asyncio.timeout(_PUBLISH_SECONDS):
                    await self._redis.publish(f"{_CHANNEL}{workspace_id}", update)
            except (RedisError, OSError):
                logger.warning("live update not published", exc_info=True)
            else:
                return
        self._deliver(str(workspace_id), update)

    async def run(self) -> None:
        """Deliver what other workers publish, until cancelled."""
        while self._redis is not None:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.psubscribe(f"{_CHANNEL}*")
                    async for message in pubsub.listen():
                        if message["type"] == "pmessage":
                            self._deliver(message["channel"].removeprefix(_CHANNEL), message["data"])
            except (RedisError, OSError):
                logger.warning("live updates interrupted", exc_info=True)
            await asyncio.sleep(_RETRY_SECONDS)

    def _deliver(self, workspace_id: str, update: str) -> None:
        for queue in self._queues.get(workspace_id, ()):
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(update)


def connect_redis(url: str | None) -> Redis | None:
    """A client of the Redis at `url`."""
    return None if url is None else Redis.from_url(url, decode_responses=True, socket_connect_timeout=1.0)
