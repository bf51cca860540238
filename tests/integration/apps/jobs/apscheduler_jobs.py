"""Jobs of APScheduler, run once each by a thread and by the event loop."""

from __future__ import annotations

import asyncio
import sys

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler


def send_reminder(client: str) -> str:
    """Write to the database, say."""
    return f"reminded {client}"


async def lose(client: str) -> None:
    """Fail."""
    raise ValueError(f"no number of {client}")


async def main(client: str) -> None:
    """Run both, then end."""
    scheduler, ended = AsyncIOScheduler(), asyncio.Event()
    done: list[object] = []

    def count(event: object) -> None:
        done.append(event)
        if len(done) == 2:
            ended.set()

    scheduler.add_listener(count, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED)
    for job in (send_reminder, lose):
        scheduler.add_job(job, args=[client], name=f"of {client}")
    scheduler.start()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[2]))
