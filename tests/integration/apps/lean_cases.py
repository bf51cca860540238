"""Every kind of request, each under a trace of its own, and what the application may do to its span meanwhile.

`python lean_cases.py` serves them in memory, one after another, and flushes. The trace's id is the case's number.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable  # noqa: TC003 - FastAPI reads annotations at run time
from pathlib import Path
from typing import Any

from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from opentelemetry import _logs, metrics, trace
from opentelemetry.trace import Span, SpanContext, Status, StatusCode, TraceFlags
from pydantic import BaseModel
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

logger = logging.getLogger("clinic.cases")
tracer = trace.get_tracer("clinic.cases")


class Base(DeclarativeBase):
    """The metadata."""


class Appointment(Base):
    """A table."""

    __tablename__ = "appointments"
    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


class Note(BaseModel):
    """A body."""

    text: str


class ClosedError(Exception):
    """An error of the application's own."""


PATIENT = bytes((68, 118, 111, 114, 97)).decode()
"""A name that no constant of the source is."""
database = create_async_engine("sqlite+aiosqlite:///cases.db")
plain_database = create_engine("sqlite:///cases.db")
app = FastAPI()
router = APIRouter(prefix="/clients")
inner = FastAPI()
rooted = FastAPI(root_path="/behind")


@app.middleware("http")
async def gate(request: Request, call_next: Any) -> Any:
    """Answers some before they are routed."""
    if request.headers.get("x-refused"):
        return JSONResponse({"error": "refused"}, 401)
    return await call_next(request)


@app.exception_handler(ClosedError)
async def closed(_: Request, __: ClosedError) -> JSONResponse:
    """Makes a server error of it."""
    return JSONResponse({"error": "closed"}, 503)


@app.get("/plain")
async def plain() -> dict[str, str]:
    """Answers."""
    return {"status": "ok"}


@app.api_route("/any", methods=["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def any_method() -> dict[str, str]:
    """Answers every method."""
    return {"status": "ok"}


@app.get("/sync")
def sync() -> dict[str, str]:
    """Runs in a thread."""
    logger.warning("%d reminders are late", 3)
    return {"status": "ok"}


@router.get("/{client_id}")
async def one_client(client_id: str) -> dict[str, str]:
    """Has a path parameter."""
    return {"id": client_id}


@router.post("/{client_id}/notes", status_code=201)
async def add_note(client_id: str, note: Note) -> dict[str, str]:
    """Takes a body."""
    return {"id": client_id, "length": str(len(note.text))}


@app.get("/error")
async def error() -> None:
    """Raises what nobody handles."""
    raise ValueError("the calendar is closed")


@app.get("/handled")
async def handled() -> None:
    """Raises what a handler answers."""
    raise ClosedError


@app.get("/http-error/{status}")
async def http_error(status: int) -> None:
    """Raises FastAPI's own error."""
    raise HTTPException(status, "no such appointment")


@app.get("/stream")
async def stream(*, broken: bool = False) -> StreamingResponse:
    """Answers in pieces, and may break in the middle."""

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"piece"
            if broken and number == 1:
                raise ValueError("the stream broke")

    return StreamingResponse(pieces(), media_type="text/plain")


@app.get("/background")
async def background(tasks: BackgroundTasks) -> dict[str, str]:
    """Works on after the answer."""

    def remind() -> None:
        with tracer.start_as_current_span("send reminders"):
            logger.warning("reminders are sent")

    tasks.add_task(remind)
    return {"status": "ok"}


@app.get("/background-error")
async def background_error(tasks: BackgroundTasks) -> dict[str, str]:
    """Fails after the answer."""

    def fail() -> None:
        raise ValueError("no reminder")

    tasks.add_task(fail)
    return {"status": "ok"}


WORKSPACE = "6f3c1f04-9a0e-4c43-8f5b-0f6a9f8f4f55"


def _child(_: Span) -> None:
    with tracer.start_as_current_span("make a plan") as child:
        child.set_attribute("status_code", 200)


def _closed(span: Span) -> None:
    span.set_status(StatusCode.OK)
    raise HTTPException(500, "closed")


TOUCHES: dict[str, Callable[[Span], Any]] = {
    "attributes": lambda span: span.set_attributes({"workspace.id": WORKSPACE, "note.author": "Dvora"}),
    "route": lambda span: span.set_attribute("http.route", "/plain"),
    "status-code": lambda span: span.set_attribute("http.response.status_code", 204),
    "name": lambda span: span.update_name("look at the calendar"),
    "unproven-name": lambda span: span.update_name(str(CLIENT[0])),
    "ok": lambda span: span.set_status(StatusCode.OK),
    "failed": lambda span: span.set_status(Status(StatusCode.ERROR, "the calendar is closed")),
    "event": lambda span: span.add_event("reminder sent", {"workspace.id": WORKSPACE, "to": "Dvora"}),
    "exception": lambda span: span.record_exception(ValueError("the calendar is closed")),
    "link": lambda span: span.add_link(SpanContext(7, 8, is_remote=True, trace_flags=TraceFlags(1)), {"to": "nobody"}),
    "child": _child,
    "ok-then-error": _closed,
}


@app.get("/touched/{what}")
async def touched(what: str) -> dict[str, str]:
    """Does to the span what an application may."""
    TOUCHES[what](trace.get_current_span())
    return {"status": "ok"}


@app.get("/database/{what}")
async def query(what: str) -> dict[str, str]:
    """Asks the database."""
    async with AsyncSession(database) as session:
        if what == "orm":
            await session.scalars(select(Appointment.status).where(Appointment.id == 1))
        elif what == "commented":
            await session.execute(text(f"/* {PATIENT} */ select status from appointments where status = '{PATIENT}'"))
        elif what == "many":
            session.add_all([Appointment(status="scheduled"), Appointment(status="cancelled")])
            await session.commit()
        elif what == "error":
            with contextlib.suppress(SQLAlchemyError):
                await session.execute(text(f"select status from nowhere where name = '{PATIENT}'"))
        elif what == "unhandled":
            await session.execute(text("select 1 from nowhere"))
    return {"status": "ok"}


@app.get("/thread-database")
def thread_query() -> dict[str, str]:
    """Asks the database in a thread."""
    with Session(plain_database) as session, session.begin():
        session.execute(select(Appointment.status))
        session.connection().exec_driver_sql("select 1")
    return {"status": "ok"}


@app.websocket("/live/{room}")
async def live(websocket: WebSocket, room: str) -> None:
    """Echoes, or fails."""
    await websocket.accept()
    said = await websocket.receive_text()
    if room == "broken":
        raise ValueError("the line broke")
    await websocket.send_text(said)
    await websocket.close()


@app.get("/nested")
async def nested() -> dict[str, str]:
    """Calls another application of the process."""
    await request(inner, "GET", "/inside/1", traced=None)
    return {"status": "ok"}


@inner.get("/inside/{number}")
async def inside(number: int) -> dict[str, int]:
    """Answers within another's path."""
    return {"number": number}


@rooted.get("/rooted")
async def below() -> dict[str, str]:
    """Answers behind a proxy."""
    return {"status": "ok"}


async def _starlette(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


app.include_router(router, prefix="/api/v1")
app.mount("/fast", inner)
app.mount("/static", StaticFiles(directory=Path(__file__).parent))
app.mount(
    "/star", Starlette(routes=[Route("/leaf/{name}", _starlette), Mount("/deep", routes=[Route("/", _starlette)])])
)
app.add_middleware(BaseHTTPMiddleware, dispatch=lambda request, call_next: call_next(request))

_SENT: list[dict[str, Any]] = []
CLIENT = ("203.0.113.7", 51234)
HEADERS = [(b"host", b"api.clinic.example"), (b"user-agent", b"Dvora/1.0"), (b"cookie", b"name=Dvora")]


async def request(
    application: Any,
    method: str,
    path: str,
    *,
    traced: int | None = 0,
    query: bytes = b"",
    body: bytes = b"",
    headers: list[tuple[bytes, bytes]] | None = None,
    **scope: Any,
) -> None:
    """Serve one request in memory."""
    sent = [*HEADERS, *(headers or [])]
    if traced is not None:
        sent.append((b"traceparent", f"00-{traced + 1:032x}-b7ad6b7169203331-01".encode()))
    if body:
        sent += [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    websocket = scope.get("type") == "websocket"
    said = [{"type": "websocket.receive", "text": "Dvora"}, {"type": "websocket.disconnect"}]
    incoming: list[dict[str, Any]] = (
        [{"type": "websocket.connect"}, *said]
        if websocket
        else [{"type": "http.request", "body": body, "more_body": False}]
    )

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop(0)
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        _SENT.append(message)

    made = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": CLIENT,
        "scheme": "ws" if websocket else "http",
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": sent,
        "state": {},
        **({} if websocket else {"method": method}),
        **scope,
    }
    # A server would log it.
    with contextlib.suppress(Exception):
        await application(made, receive, send)


CASES: list[tuple[Any, str, str, dict[str, Any]]] = [
    (app, "GET", "/plain", {}),
    (app, "GET", "/plain", {"query": b"name=Dvora"}),
    (app, "GET", "/plain", {"http_version": "2"}),
    (app, "GET", "/plain", {"scheme": "https", "server": ("10.0.0.7", 443)}),
    (app, "GET", "/plain", {"server": None, "client": None}),
    (app, "GET", "/plain", {"headers": [(b"x-refused", b"yes")]}),
    (app, "GET", "/plain", {"headers": [(b"baggage", b"name=Dvora"), (b"tracestate", b"name=Dvora")]}),
    (app, "GET", "/plain", {"traced": None}),
    *((app, method, "/any", {}) for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
    (app, "BREW", "/any", {}),
    (app, "POST", "/plain", {}),
    (app, "GET", "/sync", {}),
    (app, "GET", "/api/v1/clients/Dvora", {}),
    (app, "POST", "/api/v1/clients/Dvora/notes", {"body": b'{"text": "sleeps badly"}'}),
    (app, "POST", "/api/v1/clients/Dvora/notes", {"body": b"{"}),
    (app, "GET", "/nowhere/Dvora", {}),
    (app, "GET", "/plain/", {}),
    (app, "GET", "/error", {}),
    (app, "GET", "/handled", {}),
    (app, "GET", "/http-error/404", {}),
    (app, "GET", "/http-error/500", {}),
    (app, "GET", "/stream", {}),
    (app, "GET", "/stream", {"query": b"broken=true"}),
    (app, "GET", "/background", {}),
    (app, "GET", "/background-error", {}),
    *((app, "GET", f"/touched/{what}", {}) for what in TOUCHES),
    *((app, "GET", f"/database/{what}", {}) for what in ("orm", "commented", "many", "error", "unhandled")),
    (app, "GET", "/thread-database", {}),
    (app, "", "/live/Dvora", {"type": "websocket"}),
    (app, "", "/live/broken", {"type": "websocket"}),
    (app, "", "/nowhere", {"type": "websocket"}),
    (app, "GET", "/nested", {}),
    (app, "GET", "/fast/inside/1", {}),
    (app, "GET", "/fast/nowhere", {}),
    (app, "GET", "/static/lean_cases.py", {}),
    (app, "GET", "/static/nothing", {}),
    (app, "GET", "/star/leaf/Dvora", {}),
    (app, "GET", "/star/deep/", {}),
    (rooted, "GET", "/rooted", {}),
    (app, "GET", "/health", {}),
    (app, "GET", "/metrics", {}),
]


async def main() -> None:
    """Serve every case, each under the trace of its number."""
    async with database.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    for number, (application, method, path, options) in enumerate(CASES):
        await request(application, method, path, **{"traced": number, **options})
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main())
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()):
        provider.force_flush()  # type: ignore[union-attr]
