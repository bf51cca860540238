"""An application that counts with one attribute more than its policy declares."""

from __future__ import annotations

from fastapi import FastAPI

from pazpaz_otel import counter

app = FastAPI()


@app.post("/bookings")
async def book(patient: str) -> None:
    """Count by chair, and by who sits in it."""
    counter("bookings.made").add(1, {"chair": "left", "patient": patient})
    counter("rooms.aired").add(1, {"chair": "left"})
