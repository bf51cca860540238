"""An application with every kind of endpoint, and what it may do to its span meanwhile."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from opentelemetry import trace
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

from tests.integration.apps.in_memory import CLIENT, ask

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
HEADERS = [(b"host", b"api.clinic.example"), (b"user-agent", b"Dvora/1.0"), (b"cookie", b"name=Dvora")]
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
    await ask(inner, "GET", "/inside/1", headers=HEADERS)
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
