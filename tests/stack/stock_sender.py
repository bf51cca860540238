"""An application of the careless kind, run by the stock distribution: what it handles stands in all of its telemetry.

The planted strings are in the environment variable `PLANTED`, a JSON list; each is used once, in order.
It counts for the workspace in `WORKSPACE`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os

import httpx
from fastapi import FastAPI, Request
from opentelemetry import metrics, trace
from sqlalchemy import create_engine, text

PLANTED = iter(json.loads(os.environ["PLANTED"]))

engine = create_engine("sqlite://")
app = FastAPI()
tracer = trace.get_tracer(next(PLANTED), next(PLANTED), attributes={next(PLANTED): next(PLANTED)})
meter = metrics.get_meter(next(PLANTED))
log = logging.getLogger(next(PLANTED))
patients = meter.create_counter(next(PLANTED).replace(" ", "_"), unit=next(PLANTED), description=next(PLANTED))
created = meter.create_counter("appointments.created", unit="{appointment}", description=next(PLANTED))


@app.get("/clients/{name}")
async def client(name: str, request: Request) -> dict[str, str]:
    """Handle a request as carelessly as it gets."""
    with engine.connect() as connection:
        connection.execute(text(f"SELECT '{name}' AS name -- {next(PLANTED)}"))
    link = trace.Link(trace.get_current_span().get_span_context(), {next(PLANTED): next(PLANTED)})
    with tracer.start_as_current_span(f"read {next(PLANTED)}", links=[link]) as span:
        span.set_attribute("client.name", next(PLANTED))
        span.set_attribute(next(PLANTED), 1)
    with tracer.start_as_current_span(f"read {next(PLANTED)}") as span:
        span.set_attribute("http.route", next(PLANTED))
        span.set_attribute("db.query.text", f"SELECT '{next(PLANTED)}'")
        span.set_attribute("names", [next(PLANTED), next(PLANTED)])
        span.add_event(f"found {next(PLANTED)}", {"note": next(PLANTED), next(PLANTED): True})
        span.set_status(trace.StatusCode.ERROR, next(PLANTED))
        patients.add(1, {"name": next(PLANTED)})
        created.add(1, {"workspace.id": request.headers["x-workspace"], "name": next(PLANTED)})
    log.warning(
        "saved %s for %s", next(PLANTED), next(PLANTED), extra={"client": next(PLANTED), "session.note": next(PLANTED)}
    )
    try:
        raise ValueError(next(PLANTED))
    except ValueError:
        log.exception("failed for %s", next(PLANTED))
    raise RuntimeError(next(PLANTED))


async def main() -> None:
    """Send one request to the application, through its instrumentation and that of the client."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url=f"http://{next(PLANTED).encode().hex()}.example"
    ) as http:
        await http.get(
            f"/clients/{next(PLANTED)}",
            params={"note": next(PLANTED)},
            headers={
                "x-workspace": os.environ["WORKSPACE"],
                "user-agent": next(PLANTED).encode().hex(),
                "tracestate": f"name={next(PLANTED).encode().hex()}",
                "baggage": f"name={next(PLANTED).encode().hex()}",
            },
        )


asyncio.run(main())
