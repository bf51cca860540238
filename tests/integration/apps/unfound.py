"""An application of two routes: one that finds nothing, and one that always raises."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/clients/{client}/letters")
def letters(client: str) -> str:
    """Show the letters of the only client who has any, whose name no request guesses."""
    if client != "the only one":
        raise HTTPException(404)
    print(f"a letter to {client}")
    return client


@app.get("/boom")
def boom(reason: str = "") -> None:
    """Fail."""
    raise RuntimeError("always")
