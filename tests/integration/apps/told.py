"""An application whose names, of modules' attributes, loggers, classes and metrics, come from its data."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import prometheus_client
from fastapi import FastAPI, Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROWS = json.loads(Path("rows.json").read_text(encoding="utf-8"))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    if os.environ.get("ENDS") == "served":
        sys.stderr.write(f"the last was {ROWS['printed']}\n")
        raise ValueError(f"no beds for {ROWS['raised']}")
    yield


app = FastAPI(lifespan=lifespan)


@app.get("/rooms/{room}")
def room(room: str) -> dict[str, str]:
    print(f"room {room} of {ROWS['printed']}, {ROWS['phone']}", flush=True)
    return {"id": ROWS["answered"]}


@app.post("/people/{person}/notes", include_in_schema=False)
async def note(person: str, request: Request) -> dict[str, str]:
    print(person, (await request.json())["note"], flush=True)
    return {"note": "kept"}


if os.environ.get("ROUTES") == "of rows":
    app.get(f"/rooms/of/{ROWS['route']}")(room)
setattr(sys.modules[__name__], ROWS["attribute"], FastAPI())
# Each of these numbers stands in the source, the telephone number doesn't.
ROOMS = (54, 123, 4567)
handler = type(ROWS["handler"], (logging.StreamHandler,), {"__module__": ROWS["module"]})()
logging.getLogger(f"clinic.{ROWS['logger']}").addHandler(handler)
prometheus_client.Counter(f"visits_{ROWS['metric']}", "Visits.", [f"of_{ROWS['label']}"]).labels("x").inc()

match os.environ.get("ENDS"):
    case "raises":
        raise type(ROWS["class"], (ValueError,), {})(f"no room for {ROWS['raised']}")
    case "exits":
        sys.stderr.write(f"the last was {ROWS['printed']}\n")
        sys.exit(f"no room for {ROWS['raised']}")
    case "at once":
        sys.stderr.write(f"the last was {ROWS['printed']}\n")
        sys.stderr.flush()
        os._exit(3)
