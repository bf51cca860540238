"""Jobs of APScheduler, run once each by a thread and by the event loop."""

from __future__ import annotations

import asyncio
import sys

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.executors.pool import ProcessPoolExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler


def send_reminder(client: str) -> str:
    """Write to the database, say."""
    return f"reminded {client}"


async def lose(client: str) -> None:
    """Fail."""
    raise ValueError(f"no number of {client}")


async def main(mode: str, client: str) -> None:
    """Run both, by threads and the event loop or, with `processes`, one by another process; then end."""
    executor = ProcessPoolExecutor(1) if mode == "processes" else AsyncIOExecutor()
    scheduler, ended = AsyncIOScheduler(executors={"default": executor}), asyncio.Event()
    loop = asyncio.get_running_loop()
    functions = (send_reminder,) if mode == "processes" else (send_reminder, lose)
    done: list[object] = []

    def count(event: object) -> None:
        done.append(event)
        if len(done) == len(functions):
            loop.call_soon_threadsafe(ended.set)

    scheduler.add_listener(count, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED)
    for job in functions:
        scheduler.add_job(job, args=[client], name=f"of {client}", misfire_grace_time=None)
    scheduler.start()
    await ended.wait()
    scheduler.shutdown()
    assert not any(getattr(event, "exception", None) for event in done) or mode != "processes"


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
