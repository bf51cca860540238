"""The application that is watched: one request that puts a value into every place where data of a patient may stand.

The values come from the environment, so that no source holds them. `WATCHED_BY` names what has to be set up in code.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import Any

PLANTS: dict[str, str] = json.loads(os.environ["PLANTS"])
WATCHED_BY = os.environ["WATCHED_BY"]

logging.basicConfig(level=logging.INFO, format="%(message)s", filename=os.devnull)

if WATCHED_BY == "sentry":
    import sentry_sdk

    sentry_sdk.init(traces_sample_rate=1.0, enable_logs=True)
elif WATCHED_BY == "logfire":
    import logfire

    logfire.configure(send_to_logfire=False, console=False)
    logging.getLogger().addHandler(logfire.LogfireLoggingHandler())

import httpx
from fastapi import FastAPI, Request
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine("sqlite://")
log = logging.getLogger("practice.notes")
log.setLevel(logging.INFO)

if WATCHED_BY == "logfire":
    logfire.instrument_fastapi(app)
    logfire.instrument_sqlalchemy(engine)


class _Span:
    """A span of one's own, by the interface that the variant has."""

    def __enter__(self) -> None:
        name = f"open {PLANTS['span name']}"
        if WATCHED_BY == "sentry":
            self._span: Any = sentry_sdk.start_span(op="note", name=name)
            self._span.__enter__()
            self._span.set_data("client.note", PLANTS["span attribute"])
            sentry_sdk.add_breadcrumb(message="opened", data={"client": PLANTS["event attribute"]})
            return
        from opentelemetry import trace

        self._span = trace.get_tracer("practice.notes").start_as_current_span(name)
        span = self._span.__enter__()
        span.set_attribute("client.note", PLANTS["span attribute"])
        span.add_event("opened", {"client": PLANTS["event attribute"]})

    def __exit__(self, *_: object) -> None:
        self._span.__exit__(None, None, None)


@app.post("/clients/{name}/notes")
async def notes(name: str, request: Request, note: dict[str, str]) -> None:
    """Save a note, and fail."""
    local = PLANTS["local variable"]
    log.info("note opened for %s", PLANTS["log argument"])
    log.info(f"note of {PLANTS['log text']}")
    log.warning("note saved", extra={"client": PLANTS["log field"]})
    with engine.connect() as connection:
        connection.execute(text(f"SELECT 1 WHERE 'note' = '{PLANTS['SQL literal']}'"))
        connection.execute(text("SELECT :client"), {"client": PLANTS["SQL parameter"]})
    with _Span():
        pass
    try:
        raise KeyError(PLANTS["cause's message"])
    except KeyError as cause:
        raise ValueError(f"no note for {PLANTS['exception message']}") from (cause if local and note else None)


async def main() -> None:
    """Send the request."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {
        "cookie": f"session={PLANTS['cookie']}",
        "x-client": PLANTS["header"],
        "user-agent": PLANTS["user agent"],
    }
    async with httpx.AsyncClient(transport=transport, base_url="http://practice.example") as client:
        url = f"/clients/{PLANTS['path']}/notes"
        answer = await client.post(url, params={"q": PLANTS["query"]}, headers=headers, json={"text": PLANTS["body"]})
        assert answer.status_code == 500, answer.text


asyncio.run(main())
if WATCHED_BY == "sentry":
    sentry_sdk.flush(5)
elif WATCHED_BY == "logfire":
    logfire.force_flush()
