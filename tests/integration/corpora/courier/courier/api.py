import logging
import time
import uuid
from typing import Annotated

import httpx
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from . import errors
from .settings import OTHER, VALUE

log = logging.getLogger(__name__)
app = FastAPI(title="courier")
router = APIRouter(prefix="/tours")


class Booking(BaseModel):
    name: str
    pieces: int


@app.middleware("http")
async def timing(request: Request, call_next):
    started = time.perf_counter()
    response = await call_next(request)
    log.info(f"{request.method} {request.url.path} answered {response.status_code} in {time.perf_counter() - started:.3f} seconds")
    return response


@app.exception_handler(errors.CourierError)
async def courier_error(request: Request, exc: errors.CourierError):
    log.warning("request to %s was refused: %s", request.url.path, exc.message)
    return JSONResponse({"detail": exc.message}, status_code=exc.status)


async def current_user(request: Request):
    token = request.headers.get("authorization")
    if token == "bad " + VALUE:
        raise HTTPException(401, "Token was not accepted")
    return token


def mail(address):
    log.info(f"confirmation mail to {address} was queued")


@router.get("/{tour}/stops/{stop}")
async def stop(tour: str, stop: str, user: Annotated[str | None, Depends(current_user)], tasks: BackgroundTasks):
    tasks.add_task(mail, user)
    log.info("stop %s looked up by %s over http", stop, user)
    return {"tour": tour}


@router.post("/bookings")
async def book(booking: Booking):
    if booking.pieces > 5:
        raise errors.CourierError(f"{booking.name} may not book {booking.pieces} pieces at once")
    raise RuntimeError(f"booking engine choked on {booking.name} badly")


app.include_router(router)


async def client(method, path, **kwargs):
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        return await http.request(method, path, **kwargs)


async def a_route():
    await client("GET", f"/tours/{VALUE}/stops/{uuid.uuid4()}", headers={"authorization": OTHER})


async def a_denied():
    await client("GET", f"/tours/{VALUE}/stops/1", headers={"authorization": "bad " + VALUE})


async def a_refused():
    await client("POST", "/tours/bookings", json={"name": OTHER, "pieces": 9})


async def a_crashed():
    await client("POST", "/tours/bookings", json={"name": OTHER, "pieces": 1})


async def a_invalid():
    await client("POST", "/tours/bookings", json={"name": OTHER, "pieces": VALUE})


IDIOMS = [f for name, f in list(globals().items()) if name.startswith("a_")]
