"""Canaries in requests, queries, outgoing calls, threads, and a start-up that fails."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import threading
from typing import TYPE_CHECKING, Annotated

import httpx
from fastapi import FastAPI, Form, Request
from fastapi.testclient import TestClient
from opentelemetry import trace
from registry import plant, raised
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

URL = ""
"""Where outgoing calls go; set by the program."""


@plant
def sql(c: Callable[[str], str]) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text(f"SELECT '{c('sql literal')}'"))
        connection.execute(text("SELECT :name"), {"name": c("sql parameter")})
        connection.execute(text(f"SELECT 1 -- {c('sql comment')}"))
        raised(lambda: connection.execute(text(f"SELECT {c('sql column')} FROM nowhere")))
        raised(lambda: connection.execute(text("SELECT :a FROM nowhere"), {"a": c("failed sql parameter")}))


@plant
def calls(c: Callable[[str], str]) -> None:
    with contextlib.suppress(Exception):
        httpx.post(f"{URL}/path/{c('called path')}?a={c('called query')}", headers={"x-patient": "1"})
    with contextlib.suppress(Exception):
        subprocess.run(["true", c("subprocess argument")], check=False)
    raised(lambda: 1 / 0)


def application(c: Callable[[str], str]) -> FastAPI:
    app = FastAPI()

    @app.post("/json/{name}")
    async def json_body(name: str, request: Request) -> None:
        await request.json()
        raise ValueError(f"bad {name}")

    @app.post("/form")
    async def form_body(patient: Annotated[str, Form()]) -> None:
        raise ValueError(patient)

    @app.get("/called")
    async def called() -> None:
        async with httpx.AsyncClient() as client:
            await client.post(f"{URL}/outgoing")
        raise ValueError("x")

    @app.get("/task")
    async def task() -> None:
        async def fail() -> None:
            raise ValueError(c("task"))

        await asyncio.gather(asyncio.create_task(fail()), return_exceptions=False)

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError("boom")

    return app


@plant
def requests(c: Callable[[str], str]) -> None:
    with TestClient(application(c), raise_server_exceptions=False) as client:
        client.cookies.set("session", c("cookie"))
        headers = {
            "authorization": c("authorization header"),
            "x-patient": c("custom header"),
            "user-agent": c("user agent"),
            "referer": f"http://h/{c('referer')}",
            "x-forwarded-for": c("client address"),
            "content-type": f"application/json; patient={c('content type parameter')}",
            "baggage": f"patient={c('baggage')},sentry-release={c('sentry baggage')},sentry-trace_id={'a' * 32}",
            "tracestate": f"patient={c('trace state')}",
            "sentry-trace": f"{'a' * 32}-{'b' * 16}-1",
        }
        client.post(f"/json/{c('path')}?patient={c('query')}", json={"note": c("json body")}, headers=headers)
        client.post("/form", data={"patient": c("form body")})
        client.post(
            "/form", data={"patient": c("multipart field")}, files={"f": (c("uploaded name"), c("uploaded file"))}
        )
        client.get("/called", headers=headers)
        client.get("/task", headers={"host": c("host header")})
        client.get(f"/nowhere/{c('unknown path')}")
        client.get("/boom", headers={"content-type": f"text/{c('content type')}"})


@plant
def start_up(c: Callable[[str], str]) -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError(f"no database {c('start-up')}")
        yield

    with contextlib.suppress(Exception), TestClient(FastAPI(lifespan=lifespan)):
        pass


@plant
def threads(c: Callable[[str], str]) -> None:
    def fail(patient: str) -> None:
        raise ValueError(f"thread {patient}")

    thread = threading.Thread(target=fail, args=(c("thread error"),), name=c("thread name"))
    thread.start()
    thread.join()
    with trace.get_tracer(__name__).start_as_current_span(c("otel span name")) as span:
        span.set_attribute("patient", c("otel attribute"))
        raised(lambda: 1 / 0)
