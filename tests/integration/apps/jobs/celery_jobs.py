"""Tasks of Celery: `enqueue` sends three and runs one itself, `work` runs them in prefork children until it ends."""

from __future__ import annotations

import os
import sys
from typing import Any

import celery
import redis
from opentelemetry import trace

app = celery.Celery("celery_jobs", broker=os.environ["REDIS_URL"])
app.conf.task_default_queue = "reminders"


@app.task(name="reminders.send")
def send_reminder(client: str) -> str:
    """Write to the database, say."""
    with trace.get_tracer("reminders").start_as_current_span("write the reminder"):
        redis.Redis.from_url(os.environ["REDIS_URL"]).set("reminded", client)
    return f"reminded {client}"


@app.task(bind=True)
def wait(self: Any, client: str) -> str:
    """Ask to be run again, once."""
    if not self.request.retries:
        raise self.retry(countdown=0)
    return client


@app.task
def lose(client: str) -> None:
    """Fail."""
    raise ValueError(f"no number of {client}")


if __name__ == "__main__":
    import celery_jobs

    if sys.argv[1] == "enqueue":
        with trace.get_tracer("requests").start_as_current_span("POST /reminders"):
            celery_jobs.send_reminder.delay(sys.argv[2])
            celery_jobs.wait.delay(sys.argv[2])
            celery_jobs.lose.delay(sys.argv[2])
            celery_jobs.send_reminder.apply([sys.argv[2]])
    else:
        celery_jobs.app.worker_main(["worker", "--pool=prefork", "--concurrency=2", "--loglevel=WARNING"])
