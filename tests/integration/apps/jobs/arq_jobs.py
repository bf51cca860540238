"""Jobs of arq: `enqueue` sends three, `work` runs what is there, `idle` waits for none."""

from __future__ import annotations

import asyncio
import os
import sys

import arq.worker
from arq import Retry, create_pool
from arq.connections import RedisSettings
from opentelemetry import trace

REDIS = RedisSettings.from_dsn(os.environ["REDIS_URL"])


async def send_reminder(ctx: dict[str, object], client: str) -> str:
    """Write to the database, say."""
    with trace.get_tracer("reminders").start_as_current_span("write the reminder"):
        return f"reminded {client}"


async def lose(_: dict[str, object], client: str) -> None:
    """Fail."""
    raise ValueError(f"no number of {client}")


async def wait(ctx: dict[str, int], _: str) -> None:
    """Ask for one more try, once."""
    if ctx["job_try"] == 1:
        raise Retry(defer=0)


async def enqueue(client: str) -> None:
    """Enqueue within a request's span."""
    pool = await create_pool(REDIS)
    with trace.get_tracer("requests").start_as_current_span("POST /reminders"):
        await pool.enqueue_job("send_reminder", client)
        await pool.enqueue_job("lose", client)
        await pool.enqueue_job("wait", client)


if __name__ == "__main__":
    if sys.argv[1] == "enqueue":
        asyncio.run(enqueue(sys.argv[2]))
    else:
        asyncio.set_event_loop(asyncio.new_event_loop())
        worker = arq.worker.Worker(
            functions=[send_reminder, lose, wait],
            redis_settings=REDIS,
            poll_delay=0.02,
            burst=True,
            handle_signals=False,
        )
        worker.run()
