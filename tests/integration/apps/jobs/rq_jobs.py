"""Jobs of RQ: `enqueue` sends two, `work` runs them in work horses of their own."""

from __future__ import annotations

import os
import sys

import redis
import rq
from opentelemetry import trace

QUEUE = rq.Queue("reminders", connection=redis.Redis.from_url(os.environ["REDIS_URL"]))


def send_reminder(client: str) -> str:
    """Write to the database, say."""
    with trace.get_tracer("reminders").start_as_current_span("write the reminder"):
        return f"reminded {client}"


def lose(client: str) -> None:
    """Fail."""
    raise ValueError(f"no number of {client}")


if __name__ == "__main__":
    import rq_jobs

    if sys.argv[1] == "enqueue":
        with trace.get_tracer("requests").start_as_current_span("POST /reminders"):
            QUEUE.enqueue(rq_jobs.send_reminder, sys.argv[2])
            QUEUE.enqueue(rq_jobs.lose, sys.argv[2])
    else:
        rq.Worker([QUEUE]).work(burst=True)
