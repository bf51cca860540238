"""Applications inside middlewares, mounts and hosts, each asked once for the same kind of thing.

`python wrapped.py` serves the cases in memory, one after another, and flushes. The trace's id is the case's number.
"""

from __future__ import annotations

import asyncio
import functools
from typing import Any

from fastapi import APIRouter, FastAPI, WebSocket
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router

from tests.integration.apps.in_memory import ask

HOST = "laboratory.clinic.example"
PATIENT = bytes((68, 118, 111, 114, 97)).decode()
"""A name that no constant of the source is."""


class Slotted:
    """A middleware that keeps what it wraps in a slot."""

    __slots__ = ("_wrapped",)

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass it on."""
        await self._wrapped(scope, receive, send)


def enclosed(app: Any) -> Any:
    """Return a middleware that is a function."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return middleware


async def passing(app: Any, scope: Any, receive: Any, send: Any) -> None:
    """Pass it on."""
    await app(scope, receive, send)


def application() -> FastAPI:
    """Return an application with routes of all kinds."""
    made = FastAPI()
    router = APIRouter(prefix="/patients")

    @router.get("/{patient_id}/orders")
    async def order(patient_id: str) -> dict[str, str]:
        return {"id": patient_id}

    @made.get("/broken/{patient_id}")
    async def broken(patient_id: str) -> None:
        raise ValueError("the laboratory is closed")

    @made.websocket("/live/{room}")
    async def live(websocket: WebSocket, room: str) -> None:
        await websocket.accept()
        await websocket.send_text(room)
        await websocket.close()

    made.include_router(router)
    return made


def mounting(path: str, mounted: Any) -> FastAPI:
    """Return an application with another mounted."""
    outer = FastAPI()
    outer.mount(path, mounted)
    return outer


def including(mounted: Any) -> FastAPI:
    """Return an application with a router that another is mounted in."""
    outer, router = FastAPI(), APIRouter()
    router.routes.append(Mount("/laboratory", mounted))
    outer.include_router(router, prefix="/v1/clinics/{clinic_id}")
    return outer


def hosting(hosted: Any) -> FastAPI:
    """Return an application that hands requests for another host on."""
    outer = FastAPI()
    outer.routes.append(Host(HOST, hosted))
    return outer


def leaf(_: Any) -> Any:
    """Answer, as Starlette's endpoints do."""
    return PlainTextResponse("ok")


ASKED = f"/patients/{PATIENT}/orders"
INNER = "/patients/{patient_id}/orders"
BROKEN, INNER_BROKEN = f"/broken/{PATIENT}", "/broken/{patient_id}"
STAR = Starlette(routes=[Mount("/star", routes=[Route("/{patient_id}", leaf)])])
CASES: dict[str, tuple[Any, str, str | None]] = {
    "plain": (application(), ASKED, INNER),
    "middleware around": (GZipMiddleware(application()), ASKED, INNER),
    "two around": (Slotted(enclosed(application())), ASKED, INNER),
    "measured around": (OpenTelemetryMiddleware(application()), ASKED, INNER),
    "mounted": (mounting("/lab/{lab_id}", application()), f"/lab/7{ASKED}", f"/lab/{{lab_id}}{INNER}"),
    "mounted in a middleware": (mounting("/lab", GZipMiddleware(application())), f"/lab{ASKED}", f"/lab{INNER}"),
    "mounted in a function": (mounting("/lab", enclosed(application())), f"/lab{ASKED}", f"/lab{INNER}"),
    "mounted in a slot": (mounting("/lab", Slotted(application())), f"/lab{ASKED}", f"/lab{INNER}"),
    "mounted in a partial": (
        mounting("/lab", functools.partial(passing, application())), f"/lab{ASKED}", f"/lab{INNER}",
    ),
    "mounted in middlewares": (
        mounting("/lab", BaseHTTPMiddleware(Slotted(mounting("/in", enclosed(application()))), lambda r, c: c(r))),
        f"/lab/in{ASKED}", f"/lab/in{INNER}",
    ),
    "mounted twice": (mounting("/a/{a}", mounting("/b", application())), f"/a/7/b{ASKED}", f"/a/{{a}}/b{INNER}"),
    "mount with middleware": (
        Starlette(routes=[Mount("/lab", application(), middleware=[Middleware(GZipMiddleware)])]),
        f"/lab{ASKED}", f"/lab{INNER}",
    ),
    "in a router": (including(application()), f"/v1/clinics/7/laboratory{ASKED}",
                    f"/v1/clinics/{{clinic_id}}/laboratory{INNER}"),
    "in a router and a middleware": (including(GZipMiddleware(application())), f"/v1/clinics/7/laboratory{ASKED}",
                                     f"/v1/clinics/{{clinic_id}}/laboratory{INNER}"),
    "in Starlette": (
        Starlette(routes=[Mount("/api/{version}", application())]), f"/api/7{ASKED}", f"/api/{{version}}{INNER}",
    ),
    "in a bare router": (Router([Mount("/api", application())]), f"/api{ASKED}", f"/api{INNER}"),
    "Starlette inside": (mounting("/lab", Slotted(STAR)), f"/lab/star/{PATIENT}", "/lab/star/{patient_id}"),
    "by host": (hosting(application()), ASKED, INNER),
    "by host in a middleware": (hosting(GZipMiddleware(application())), ASKED, INNER),
    "no such route": (mounting("/lab", GZipMiddleware(application())), f"/lab/{PATIENT}", "/lab"),
    "broken": (mounting("/lab", GZipMiddleware(application())), f"/lab{BROKEN}", f"/lab{INNER_BROKEN}"),
    "broken in Starlette": (
        Starlette(routes=[Mount("/api/{version}", application())]), f"/api/7{BROKEN}",
        f"/api/{{version}}{INNER_BROKEN}",
    ),
    "broken around": (GZipMiddleware(application()), BROKEN, INNER_BROKEN),
    "broken by host": (hosting(GZipMiddleware(application())), BROKEN, INNER_BROKEN),
    "WebSocket": (mounting("/lab", GZipMiddleware(application())), f"/lab/live/{PATIENT}", "/lab/live/{room}"),
    "WebSocket in Starlette": (
        Starlette(routes=[Mount("/api", application())]), f"/api/live/{PATIENT}", "/api/live/{room}",
    ),
}  # fmt: skip
"""What is asked, for which path, and the template of its route, by the name of the case."""


async def main() -> None:
    """Serve every case."""
    for number, (name, (app, path, _)) in enumerate(CASES.items()):
        headers = [(b"host", HOST.encode()), (b"traceparent", f"00-{number + 1:032x}-b7ad6b7169203331-01".encode())]
        await ask(app, "" if name.startswith("WebSocket") else "GET", path, headers=headers)


if __name__ == "__main__":
    asyncio.run(main())
    trace.get_tracer_provider().force_flush()  # type: ignore[attr-defined]
