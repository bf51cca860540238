import asyncio
import logging
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.middleware.base import BaseHTTPMiddleware

from . import faults
from .config import BoxOffice, OTHER, VALUE

log = logging.getLogger("stalls.web")


@asynccontextmanager
async def lifespan(app):
    log.info("theatre web service comes up")
    yield


app = FastAPI(lifespan=lifespan)
v1 = APIRouter(prefix="/v1")


class Access(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        try:
            response = await call_next(request)
        except Exception:
            log.exception("unhandled trouble on %s %s", request.method, request.url.path)
            raise
        if response.status_code >= 400:
            log.warning(f"{request.method} {request.url.path} was answered with {response.status_code}")
        return response


app.add_middleware(Access)


@app.exception_handler(faults.StallsError)
async def stalls_error(request, exc):
    log.error("domain trouble: %s", exc, exc_info=exc)
    return JSONResponse({"detail": str(exc)}, 409)


@app.exception_handler(RequestValidationError)
async def invalid(request, exc):
    log.info("request body was invalid: %s", exc.errors())
    return JSONResponse({"detail": "invalid"}, 422)


def get_config():
    return BoxOffice()


class Service:
    def __init__(self, config: BoxOffice):
        self.config = config
        self.log = logging.getLogger(f"{__name__}.{self.__class__.__name__}")

    async def sell(self, guest, seat):
        self.log.info(f"selling {seat} to {guest} over the web")
        if seat.endswith("9"):
            raise faults.StallsError(f"seat {seat} is broken, told {guest}")
        if not guest:
            raise HTTPException(404, f"guest {guest} has no account here")
        self.log.info(self.config.closed_message)
        return seat


def service(config: Annotated[BoxOffice, Depends(get_config)]):
    return Service(config)


def ring(name):
    log.info("bell rung for %s after the answer", name)
    raise RuntimeError(f"bell rope of {name} snapped")


@v1.post("/guests/{guest}/tickets")
async def buy(guest: str, service: Annotated[Service, Depends(service)], seat: Annotated[str, Query()], background: BackgroundTasks):
    background.add_task(log.info, "thank-you note to %s printed", guest)
    return await service.sell(guest, seat)


@v1.get("/bell/{name}")
async def bell(name: str, background: BackgroundTasks):
    background.add_task(ring, name)
    return {}


@v1.get("/stream/{name}")
async def stream(name: str):
    async def body():
        yield b"a"
        log.info(f"second chunk for {name} is on its way")
        yield b"b"

    return StreamingResponse(body())


@v1.get("/crash/{name}")
def crash(name: str):
    raise ZeroDivisionError(f"split of the takings for {name} failed")


app.include_router(v1)


async def call(method, path, **kw):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://localhost") as c:
        return await c.request(method, path, **kw)


async def z_buy():
    await call("POST", f"/v1/guests/{VALUE}/tickets", params={"seat": "A1"})


async def z_domain():
    await call("POST", f"/v1/guests/{VALUE}/tickets", params={"seat": VALUE + "9"})


async def z_invalid():
    await call("POST", f"/v1/guests/{VALUE}/tickets", params={"chair": VALUE})


async def z_bell():
    await call("GET", f"/v1/bell/{VALUE}")


async def z_stream():
    await call("GET", f"/v1/stream/{VALUE}")


async def z_crash():
    await call("GET", f"/v1/crash/{VALUE}")


IDIOMS = [f for n, f in list(globals().items()) if n.startswith("z_")]
