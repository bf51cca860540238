"""An application whose handlers stand in a mounted one, behind forms, and that serves metrics of its own."""

# ruff: noqa: TC002 - FastAPI reads annotations at run time

from __future__ import annotations

import sys
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, UploadFile
from fastapi.security import OAuth2PasswordRequestForm
from prometheus_client import Counter, make_asgi_app
from pydantic import BaseModel
from starlette.middleware.gzip import GZipMiddleware

BOOKED = Counter("bookings", "Bookings made", ["patient"])
laboratory = FastAPI()
practice = FastAPI()


class Order(BaseModel):
    patient_name: str
    work: str


@laboratory.post("/orders")
async def order(order: Order) -> None:
    sys.stderr.write(f"laboratory took the order of {order.patient_name} with thanks\n")


@practice.post("/token")
async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> bool:
    return bool(form.username)


@practice.post("/pictures")
async def picture(picture: UploadFile, note: Annotated[str, Form()]) -> int:
    return len(await picture.read()) + len(note)


@practice.post("/bookings")
async def book(patient: Annotated[str, Form()]) -> None:
    BOOKED.labels(patient).inc()


@practice.get("/health")
async def health() -> dict[str, Any]:
    return {"status": "healthy"}


practice.mount("/laboratory", GZipMiddleware(laboratory))
practice.mount("/metrics", make_asgi_app())
app = GZipMiddleware(practice)
