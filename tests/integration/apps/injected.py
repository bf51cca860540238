"""An application whose image knows nothing of telemetry."""

from __future__ import annotations

import importlib.util
import logging

from fastapi import FastAPI

assert importlib.util.find_spec("pytest") is None, "this is not the tests' environment"

app = FastAPI()


@app.get("/patients/{patient_id}")
async def patient(patient_id: str) -> dict[str, str]:
    """Says something of a patient into the log."""
    logging.getLogger(__name__).warning("patient %s was asked for", patient_id)
    return {"patient": patient_id}
