"""Jobs that count, worked in several ways: `enqueue WAY` sends them within a request's span, `work WAY` runs them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys

from opentelemetry import trace

import pazpaz_otel

JOBS = 6
REDIS = os.environ.get("REDIS_URL", "")


def count(client: str) -> None:
    """Do something for a client, and count it."""
    pazpaz_otel.counter("appointments.created").add(1)


def request() -> object:
    """Return the span in which jobs are enqueued."""
    return trace.get_tracer("requests").start_as_current_span("POST /jobs")


if "celery" in sys.modules or any("celery" in argument for argument in sys.argv):
    import celery

    app = celery.Celery("counted_jobs", broker=REDIS)
    counted = app.task(name="jobs.count")(count)


def celery_enqueue(client: str) -> None:
    """Send the tasks."""
    import counted_jobs

    for _ in range(JOBS):
        counted_jobs.counted.delay(client)


def celery_work(_: str) -> None:
    """Run them in prefork children until it is told to end."""
    import counted_jobs

    counted_jobs.app.worker_main(["worker", "--pool=prefork", "--concurrency=2", "--loglevel=WARNING"])


def rq_enqueue(client: str) -> None:
    """Send the jobs."""
    import counted_jobs
    import redis
    import rq

    queue = rq.Queue("counted", connection=redis.Redis.from_url(REDIS))
    for _ in range(JOBS):
        queue.enqueue(counted_jobs.count, client)


def rq_work(_: str) -> None:
    """Run each in a work horse of its own."""
    import redis
    import rq

    rq.Worker(["counted"], connection=redis.Redis.from_url(REDIS)).work(burst=True)


async def counted_later(_: dict[str, object], client: str) -> None:
    """Count in arq's event loop."""
    count(client)


def arq_enqueue(client: str) -> None:
    """Send the jobs."""
    from arq import create_pool
    from arq.connections import RedisSettings

    async def send() -> None:
        pool = await create_pool(RedisSettings.from_dsn(REDIS))
        for _ in range(JOBS):
            await pool.enqueue_job("counted_later", client)

    asyncio.run(send())


def arq_work(_: str) -> None:
    """Run what is there."""
    import arq.worker
    from arq.connections import RedisSettings

    asyncio.set_event_loop(asyncio.new_event_loop())
    settings = RedisSettings.from_dsn(REDIS)
    arq.worker.Worker([counted_later], redis_settings=settings, poll_delay=0.02, burst=True).run()


def apscheduler_work(client: str) -> None:
    """Run the jobs in a scheduler's threads."""
    import threading

    from apscheduler.events import EVENT_JOB_EXECUTED
    from apscheduler.schedulers.background import BackgroundScheduler

    ended = threading.Semaphore(0)
    scheduler = BackgroundScheduler()
    scheduler.add_listener(lambda _: ended.release(), EVENT_JOB_EXECUTED)
    for _ in range(JOBS):
        scheduler.add_job(count, args=[client], misfire_grace_time=None)
    scheduler.start()
    for _ in range(JOBS):
        ended.acquire()


def script_work(client: str) -> None:
    """Count as a script of cron does: once, and end."""
    for _ in range(JOBS):
        count(client)


def exit_work(client: str) -> None:
    """End without exit handlers."""
    script_work(client)
    os._exit(0)


def _pool(method: str, client: str) -> None:
    import counted_jobs

    with multiprocessing.get_context(method).Pool(2) as pool:
        pool.map(counted_jobs.count, [client] * JOBS, chunksize=1)
        pool.close()
        pool.join()


def fork_work(client: str) -> None:
    """Count in a pool of forked processes."""
    _pool("fork", client)


def spawn_work(client: str) -> None:
    """Count in a pool of spawned processes."""
    _pool("spawn", client)


if __name__ == "__main__":
    verb, way, client = sys.argv[1:]
    if verb == "enqueue":
        with request():
            globals()[f"{way}_enqueue"](client)
    else:
        globals()[f"{way}_work"](client)
