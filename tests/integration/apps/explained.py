"""Everything that EXPLAIN tells of, dropped for what data says: `python explained.py FILE`.

The file is a JSON list of texts; each place takes the next, in turns, as its key, its value or its name.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import sys
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import sentry_sdk
import structlog
from fastapi import FastAPI, HTTPException
from opentelemetry import _logs, baggage, context, metrics, trace
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, text

from tests.integration.apps.in_memory import ask

if TYPE_CHECKING:
    from collections.abc import Callable

said = itertools.cycle(json.loads(Path(sys.argv[1]).read_text()))
app = FastAPI()
log = logging.getLogger("clinic")
events = structlog.get_logger()
tracer, meter = trace.get_tracer("clinic"), metrics.get_meter("clinic")
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KNOWN = ("user.name", "http.route", "url.full", "db.query.text", "code.function.name", "error.type", "server.address")


def now() -> str:
    """The next text of data."""
    return next(said)


def spans() -> None:
    """Name, attributes, events, links, status, scope and trace state of spans."""
    link = Link(SpanContext(5, 6, is_remote=False, trace_flags=TraceFlags(1)), {now(): now(), "why": now()})
    with trace.get_tracer(now(), now(), attributes={now(): now()}).start_as_current_span(
        now(), attributes={now(): now(), **{key: now() for key in KNOWN}}, links=[link]
    ) as span:
        span.set_attributes({now(): now(), "visit.kind": now(), "notes": [now(), now()], f"client.{now()}": 1})
        span.add_event(now(), {now(): now(), "reason": now()})
        span.record_exception(ValueError(now()), {now(): now()})
        span.set_status(Status(StatusCode.ERROR, now()))
        span.update_name(now())


def logs() -> None:
    """Bodies, fields, loggers, events, exceptions and their classes."""
    log.info(now())
    log.info("seen %s", now(), extra={"who": now(), "extra_" + now(): now()})
    logging.getLogger(now()).warning(now())
    events.bind(who=now(), **{now(): now()}).error(now(), **{now(): now(), "why": now()})
    made = type(now(), (Exception,), {"__module__": now()})
    try:
        raise made(now()) from ValueError(now())
    except made:
        log.exception("failed")
    record = _logs.LogRecord(body={now(): now()}, event_name=now(), severity_text=now(), attributes={now(): now()})
    _logs.get_logger(now()).emit(record)
    warnings.warn(now(), stacklevel=1)


def measurements() -> None:
    """Instruments, scopes, attributes and their keys."""
    metrics.get_meter(now(), now()).create_counter("own").add(1, {now(): now()})
    with suppress(Exception):
        meter.create_counter("c" + now(), now(), now()).add(1)
    meter.create_histogram("clinic.wait").record(3, {"who": now(), now(): now()})
    meter.create_observable_gauge("clinic.open", [lambda _: [metrics.Observation(3, {now(): now()})]])


def database() -> None:
    """Tables, columns, statements and a database's name."""
    with tempfile.TemporaryDirectory() as folder:
        name = "".join(filter(str.isalnum, now()))
        engine = create_engine(f"sqlite:///{folder}/{name}.sqlite")
        with engine.begin() as connection:
            table = Table(now(), MetaData(), Column("id", Integer), Column(now(), String))
            table.create(connection)
            connection.execute(table.insert().values({table.c[1].name: now()}))
            with suppress(Exception):
                connection.execute(text(f"SELECT {name} FROM \"{now()}\" WHERE x = '{now()}'"))
        engine.dispose()


def hosts() -> None:
    """Hosts, paths and headers of a request, and the caller's baggage."""
    name = "".join(filter(str.isalnum, now()))
    token = context.attach(baggage.set_baggage(now(), now()))
    with suppress(Exception):
        httpx.get(f"http://{name}.invalid/{name}?q={name}", timeout=1)
    context.detach(token)


def sentry() -> None:
    """Tags, contexts, users, breadcrumbs, messages and fingerprints."""
    sentry_sdk.set_tag(now(), now())
    sentry_sdk.set_context(now(), {now(): now()})
    sentry_sdk.set_user({"username": now()})
    sentry_sdk.add_breadcrumb(message=now(), category=now(), data={now(): now()})
    sentry_sdk.get_current_scope().fingerprint = [now()]
    sentry_sdk.capture_message(now())
    sentry_sdk.capture_exception(ValueError(now()))


def code() -> None:
    """Functions, modules and files that data names."""
    name = "f" + "".join(filter(str.isalnum, now()))
    with suppress(Exception):
        exec(compile(f"def {name}():\n  raise ValueError({now()!r})\n{name}()", now(), "exec"), {"__name__": now()})

    def job() -> None:
        events.info("ran", job=job.__qualname__)

    job.__qualname__ = job.__name__ = now()
    with tracer.start_as_current_span(job.__qualname__):
        job()


PLACES: tuple[Callable[[], None], ...] = (spans, logs, measurements, database, hosts, sentry, code)


@app.get("/visits/{visit}")
async def visits(visit: str) -> None:
    """Let every place say what data says, under a request."""
    for place in PLACES:
        place()
    raise HTTPException(418, {visit: now()})


async def main() -> None:
    """Serve requests whose every part is data."""
    for _ in range(5):
        name = "".join(filter(str.isalnum, now())).encode()
        sent = [(b"traceparent", TRACE), (b"tracestate", b"v=" + name), (b"baggage", name + b"=" + name), (name, name)]
        for path in ("/visits/", "/"):
            await ask(app, "GET", path + name.decode(errors="ignore"), headers=sent)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, filename=os.devnull)
    asyncio.run(main())
    metrics.get_meter_provider().force_flush()  # type: ignore[attr-defined] - the SDK's
