"""The application of a program whose set-up comes in any order: takes names from libraries as it is imported."""

from __future__ import annotations

import logging

from fastapi import APIRouter, FastAPI
from opentelemetry import metrics, trace

import pazpaz_otel

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)
opened = metrics.get_meter(__name__).create_counter("notes.opened")
created = pazpaz_otel.counter("appointments.created")
router = APIRouter()


@router.get("/notes/{note}")
def read_note(note: str) -> dict[str, str]:
    with tracer.start_as_current_span(f"note of {note}", attributes={"client.name": note}):
        logger.warning("note of %s opened", note)
        opened.add(1, {"client.name": note})
        created.add(1, {"client.name": note})
    return {"note": "ok"}


@router.get("/broken/{note}")
def fail_at_note(note: str) -> None:
    raise ValueError(note)


def make() -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    return app
