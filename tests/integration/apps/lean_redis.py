"""Commands of every kind, with each client: `python lean_redis.py URL NAME`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import redis
import redis.asyncio
from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_instrumentation

URL, NAME = sys.argv[1:]
tracer = trace.get_tracer("notes")


class _Touching(redis.Redis):
    """Adds to the span of each answer."""

    def parse_response(self, *args: Any, **kwargs: Any) -> Any:
        span = trace.get_current_span()
        span.set_attribute("db.redis.args_length", 7)
        span.add_event("answered")
        tracer.start_span("inside").end()
        return super().parse_response(*args, **kwargs)


def _queue(pipeline: Any) -> Any:
    pipeline.set("client", NAME)
    pipeline.incr("client")
    return pipeline


def _work(client: Any) -> None:
    client.set(f"client:{NAME}", NAME)
    client.set(f"client:{NAME}", NAME)
    client.mget("one", NAME)
    client.execute_command("GET", NAME)
    client.set("text", NAME)
    with contextlib.suppress(redis.ResponseError):
        client.incr("text")
    with contextlib.suppress(redis.ResponseError):
        client.execute_command("FT.SEARCH", NAME, NAME)
    with suppress_instrumentation():
        client.get("unseen")
    with client.pipeline() as pipeline:
        pipeline.set("a", NAME).get("a").execute()
    with contextlib.suppress(redis.ResponseError):
        _queue(client.pipeline()).execute()
    with contextlib.suppress(redis.WatchError), client.pipeline() as pipeline:
        pipeline.watch("watched")
        client.set("watched", NAME)
        pipeline.multi()
        pipeline.get("watched").execute()


async def _work_async(client: Any) -> None:
    await client.set(f"client:{NAME}", NAME)
    await client.set("text", NAME)
    with contextlib.suppress(redis.ResponseError):
        await client.incr("text")
    async with client.pipeline() as pipeline:
        await pipeline.set("a", NAME).get("a").execute()
    with contextlib.suppress(redis.ResponseError):
        await _queue(client.pipeline()).execute()
    with contextlib.suppress(redis.WatchError):
        async with client.pipeline() as pipeline:
            await pipeline.watch("watched")
            await client.set("watched", NAME)
            pipeline.multi()
            await pipeline.get("watched").execute()
    waiting = asyncio.create_task(client.blpop(["never"], timeout=0))
    with suppress_instrumentation():
        while not (await client.info("clients"))["blocked_clients"]:
            pass
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await client.aclose()


with tracer.start_as_current_span("around"):
    _work(redis.Redis.from_url(URL))
    _Touching.from_url(URL).get("one")
    asyncio.run(_work_async(redis.asyncio.Redis.from_url(URL)))
_work(redis.Redis.from_url(f"{URL}?db=1"))
