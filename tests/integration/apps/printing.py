"""An application each of whose handlers prints what it was given: one leak for each kind of handler."""

from __future__ import annotations

from typing import Annotated

from fastapi import Cookie, FastAPI, Header, Request, WebSocket
from pydantic import BaseModel

app = FastAPI()


class Letter(BaseModel):
    """What is written to somebody."""

    salutation: str
    page_count: int


def tell(value: object) -> dict[str, bool]:
    print(value, flush=True)
    return {"ok": True}


@app.put("/letters")
def letters(letter: Letter) -> dict[str, bool]:
    return tell(letter.salutation)


@app.get("/search")
def search(text: str) -> dict[str, bool]:
    return tell(text)


@app.get("/device")
def device(x_device_owner: Annotated[str, Header()]) -> dict[str, bool]:
    return tell(x_device_owner)


@app.get("/session")
def session(who: Annotated[str, Cookie()]) -> dict[str, bool]:
    return tell(who)


@app.delete("/people/{person}")
def people(person: str) -> dict[str, bool]:
    return tell(person)


@app.post("/hidden", include_in_schema=False)
async def hidden(request: Request) -> dict[str, bool]:
    if "X-Key" not in request.headers:
        return {"ok": False}
    return tell((await request.json())["who"])


@app.websocket("/talk")
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        tell(await socket.receive_text())
        await socket.send_text("heard")
