"""The measured process: serves requests in memory, on command, and says what CPU they cost.

Run as a file, under whatever command instruments it. It reads one JSON object a line from standard input and answers
with one on standard output: `{"route": "/db", "requests": 500}` gives `{"cpu": seconds}` of the whole process, all
threads, with what was recorded sent off inside; `{"memory": true}` gives `{"rss": bytes}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

if os.environ.get("BENCH_GUIDE"):
    import guide

    guide.start()

import app as applications

if os.environ.get("BENCH_LOGFIRE"):
    import logfire

    logfire.configure(send_to_logfire=False, console=False)
    logging.getLogger().addHandler(logfire.LogfireLoggingHandler())
    logfire.instrument_sqlalchemy(applications.engine)

TRACEPARENT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BROWSER = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"application/json"),
]
TRACED = [*BROWSER, (b"traceparent", TRACEPARENT), (b"x-request-id", b"6f3c1f04-9a0e-4c43-8f5b-0f6a9f8f4f55")]


def main() -> None:
    """Serves until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    # What an application or an exporter prints mustn't get among the answers.
    os.dup2(2, 1)
    if "BENCH_CORE" in os.environ and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(os.environ["BENCH_CORE"])})
    started = time.process_time()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(applications.prepare())
    routes = _routes()
    flush()
    print(json.dumps({"started": started}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if "memory" in command:
            result: dict[str, Any] = {"rss": resident()}
        else:
            result = {"cpu": _measure(loop, *routes[command["route"]], command["requests"])}
        print(json.dumps(result), file=answers, flush=True)
    loop.run_until_complete(applications.engine.dispose())
    loop.close()


def _routes() -> dict[str, Any]:
    small, large = applications.small(), applications.large()
    if os.environ.get("BENCH_GUIDE"):
        small, large = guide.instrument(small), guide.instrument(large)
    if os.environ.get("BENCH_LOGFIRE"):
        for application in (small, large):
            logfire.instrument_fastapi(application)
    one = "/api/v1/appointments/6f3c1f04-9a0e-4c43-8f5b-0f6a9f8f4f55"
    return {
        "/ping": (small, "/ping", BROWSER),
        "/db": (small, "/db", BROWSER),
        "/log": (small, "/log", BROWSER),
        "/composed": (small, "/composed", BROWSER),
        "/raise": (small, "/raise", BROWSER),
        "84 routes": (large, one, TRACED),
        "84 routes, /db": (large, f"{one}/status", TRACED),
    }


def _measure(loop: asyncio.AbstractEventLoop, app: Any, path: str, headers: Any, requests: int) -> float:
    began = time.process_time()
    loop.run_until_complete(serve(app, path, headers, requests))
    flush()
    return time.process_time() - began


async def serve(app: Any, path: str, headers: Any, requests: int) -> None:
    """Make the requests, one after the other."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    for _ in range(requests):
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50000),
            "scheme": "http",
            "method": "GET",
            "root_path": "",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": list(headers),
            "state": {},
        }
        with contextlib.suppress(ValueError):
            await app(scope, receive, send)
        if status != (500 if path == "/raise" else 200):
            raise SystemExit(f"{path} answered {status}")


def flush(*, metrics_too: bool = True) -> None:
    """Send what was recorded.

    Args:
        metrics_too: they are sent by the clock, and cost what their series cost, not what requests do.
    """
    if "opentelemetry.sdk" in sys.modules:
        from opentelemetry import _logs, metrics, trace  # noqa: PLC0415 - not there in every environment

        providers = [trace.get_tracer_provider(), _logs.get_logger_provider()]
        if metrics_too:
            providers.append(metrics.get_meter_provider())
        for provider in providers:
            if hasattr(provider, "force_flush"):
                provider.force_flush()
    if "sentry_sdk" in sys.modules:
        sys.modules["sentry_sdk"].flush(10)
    if os.environ.get("BENCH_LOGFIRE"):
        logfire.force_flush()
    if "ddtrace" in sys.modules:
        sys.modules["ddtrace"].tracer.flush()


def resident() -> int:
    """Return the bytes of memory that are resident now."""
    gc.collect()
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()
