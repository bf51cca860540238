from __future__ import annotations

import asyncio
import functools
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from opentelemetry import trace

logger = logging.getLogger(__name__)
tracer = trace.get_tracer("till.jobs")
REGISTRY = {}


class JobError(Exception):
    retryable = False

    @classmethod
    def wrap(cls, job, cause):
        error = cls(f"job {job} failed: {cause}")
        error.__cause__ = cause
        return error


class Retry(JobError):
    retryable = True

    def __init__(self, after, reason="try again later"):
        self.after = after
        super().__init__(reason)


def job(name=None, *, every=60):
    def register(func):
        REGISTRY[name or func.__name__] = func

        @functools.wraps(func)
        def run(*args, **kwargs):
            with tracer.start_as_current_span(f"job {name or func.__name__}"):
                started = time.monotonic()
                try:
                    return func(*args, **kwargs)
                except Retry as exc:
                    logger.info("Job %s asks for a retry: %s", func.__name__, exc)
                except Exception as exc:
                    logger.exception(f"Job {func.__name__} crashed")
                    raise JobError.wrap(func.__name__, exc) from exc
                finally:
                    logger.debug("Job %s ran for %d ms", func.__name__, (time.monotonic() - started) * 1000)
        return run
    return register


@job("expire sessions")
def expire(person):
    raise Retry(5)


@job(every=3600)
def purge(person):
    raise PermissionError(f"{person.name} may not purge")


@asynccontextmanager
async def lock(key):
    logger.debug("acquiring lock " + key)
    try:
        yield
    finally:
        logger.debug("released lock %s after use", key)


class Worker:
    POLL = "Worker {id} is polling {queue}"

    def __init__(self, id_, queue):
        self.id, self.queue = id_, queue

    def start(self):
        logger.info(self.POLL.format(id=self.id, queue=self.queue))

    async def step(self, item):
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(1)
        except TimeoutError:
            logger.error(f"Worker {self.id}: item {item} timed out")
            raise

    def __enter__(self):
        logger.info("%s entered", type(self).__name__)
        return self

    def __exit__(self, kind, value, tb):
        if kind is not None:
            logger.error("worker left with an error", exc_info=(kind, value, tb))
        return True


def backoff(attempt):
    delay = min(2 ** attempt, 60)
    logger.info(f"Waiting {delay}s before attempt {attempt + 1}")
    return delay
