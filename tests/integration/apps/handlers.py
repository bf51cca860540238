"""An application with one leak in each kind of handler: whatever a request, or what it stored, brings is printed."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import BackgroundTasks, Body, Depends, FastAPI, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

STORED = Path("stored.txt")


def leak(kind: str, text: str) -> None:
    """Write a request's text to standard output."""
    sys.stdout.write(f"{kind} {text}\n")
    sys.stdout.flush()


def stored() -> str:
    """Return all notes, if there are any."""
    return STORED.read_text(encoding="utf-8") if STORED.exists() else ""


@asynccontextmanager
async def start(_: FastAPI) -> AsyncIterator[None]:
    """Write what an earlier process stored."""
    leak("start", stored())
    yield


app = FastAPI(lifespan=start)
laboratory = FastAPI()
app.mount("/laboratory", laboratory)
tasks: list[tuple[asyncio.Event, asyncio.Event]] = []

Note = Annotated[str, Body(embed=True)]


@app.post("/sync")
def sync(note: Note) -> str:
    """Store the note, which only the next start writes."""
    with STORED.open("a", encoding="utf-8") as file:
        file.write(f"{note} ")
    leak("sync", note)
    return "ok"


@app.post("/async")
async def asynchronous(note: Note) -> str:
    """Write at once."""
    leak("async", note)
    return "ok"


async def later(note: str, go: asyncio.Event, done: asyncio.Event) -> None:
    """Write once another request is being served."""
    await go.wait()
    leak("background", note)
    done.set()


@app.post("/background")
async def background(note: Note, queue: BackgroundTasks) -> str:
    """Write after the response."""
    tasks.append((asyncio.Event(), asyncio.Event()))
    queue.add_task(later, note, *tasks[-1])
    return "ok"


@app.get("/innocent")
async def innocent() -> str:
    """Let the tasks write, and answer after them."""
    while tasks:
        go, done = tasks.pop()
        go.set()
        await done.wait()
    return "ok"


@app.get("/stream")
async def stream(note: str) -> StreamingResponse:
    """Write between the pieces of the response."""

    def pieces() -> Iterator[bytes]:
        yield b"a"
        leak("stream", note)
        yield b"b"

    return StreamingResponse(pieces())


def visitor(note: str) -> str:
    """Write before the handler runs."""
    leak("dependency", note)
    return note


@app.get("/dependency")
async def dependency(_: Annotated[str, Depends(visitor)]) -> str:
    """Write nothing."""
    return "ok"


@app.middleware("http")
async def middleware(request: Any, call_next: Any) -> Any:
    """Write what one route is asked."""
    if request.url.path == "/middleware":
        leak("middleware", request.query_params["note"])
    return await call_next(request)


@app.get("/middleware")
async def behind(note: str) -> int:
    """Write nothing."""
    return len(note)


@app.get("/exception")
async def fails(note: str) -> None:
    """Raise."""
    raise LookupError(note)


@app.exception_handler(LookupError)
async def handle(_: Any, error: LookupError) -> JSONResponse:
    """Write the error."""
    leak("exception", str(error))
    return JSONResponse("failed", 500)


@laboratory.post("/orders")
async def order(note: Note) -> str:
    """Write in a mounted application."""
    leak("mounted", note)
    return "ok"


@app.websocket("/socket")
async def socket(connection: WebSocket) -> None:
    """Write each message."""
    await connection.accept()
    async for message in connection.iter_text():
        leak("websocket", message)
        await connection.send_text("ok")
