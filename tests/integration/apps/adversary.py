"""Says what nobody should hear, by ways that an application has; its argument is the secret word."""

from __future__ import annotations

import asyncio
import sys
from http import HTTPStatus

import httpx
import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import LogRecord
from opentelemetry.metrics import Observation

import pazpaz_otel

NUMBER = 234567891


def count() -> None:
    """Numbers that identify somebody, as observations and as the boundaries of buckets."""
    meter = metrics.get_meter(__name__)
    for make, name in (
        (meter.create_observable_counter, "appointments.cancelled"),
        (meter.create_observable_counter, "http.client.duration"),
        (meter.create_observable_up_down_counter, "db.client.connection.count"),
        (meter.create_observable_gauge, "session_notes.saved"),
    ):
        make(name, callbacks=[lambda _: [Observation(NUMBER)]])
    meter.create_histogram("http.server.response.size", explicit_bucket_boundaries_advisory=[1, NUMBER]).record(5)
    meter.create_observable_counter("appointments.created", callbacks=[lambda _: [Observation(7)]])


def spoil() -> None:
    """What the API takes and no exporter can encode, beside what is sound."""
    tracer, logger = trace.get_tracer(__name__), _logs.get_logger(__name__)
    tracer.start_span("sound span").end()
    tracer.start_span("late", start_time=2**70).end()
    tracer.start_span("kindless", kind=99).end()  # type: ignore[arg-type]
    eventful = tracer.start_span("eventful")
    eventful.add_event("later", timestamp=2**70)
    eventful.end()
    logger.emit(LogRecord(body="sound line"))
    logger.emit(LogRecord(body="a line", severity_number=NUMBER, timestamp=2**70))  # type: ignore[arg-type]


def query(secret: str) -> None:
    """Tables, aliases and labels of that name."""
    metadata = sa.MetaData()
    clients = sa.Table("clients", metadata, sa.Column("id", sa.Integer), sa.Column("title", sa.String))
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    metadata.create_all(engine)
    with trace.get_tracer(__name__).start_as_current_span("request"), engine.connect() as connection:
        made = sa.Table(secret, sa.MetaData(), sa.Column(f"{secret}_column", sa.Integer))
        made.create(connection)
        inner = sa.select(clients.c.id, clients.c.title.label(f"{secret}_label")).subquery(f"{secret}_inner")
        common = sa.select(clients.c.id.label(f"{secret}_id")).cte(f"{secret}_common")
        for statement in (
            sa.select(made),
            sa.select(inner),
            sa.select(common),
            sa.select(clients.alias(f"{secret}_a")),
        ):
            connection.execute(statement)


def serve(secret: str) -> None:
    """Routes that a request makes: one of its own, and a router's prefix."""
    app, router = FastAPI(), APIRouter()

    @router.get("/visits")
    async def visits() -> int:
        return 1

    @app.get("/make")
    async def make() -> int:
        app.add_api_route(f"/{secret}_route", visits)
        app.include_router(router, prefix=f"/{secret}_prefix")
        return 1

    app.include_router(router, prefix="/clinic")

    async def drive() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            for path in ("make", f"{secret}_route", f"{secret}_prefix/visits", "clinic/visits"):
                assert (await client.get(f"/{path}")).status_code == HTTPStatus.OK

    asyncio.run(drive())


if __name__ == "__main__":
    pazpaz_otel.configure()
    serve(sys.argv[1])
    spoil()
    count()
    query(sys.argv[1])
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()):
        provider.force_flush()  # type: ignore[attr-defined]
