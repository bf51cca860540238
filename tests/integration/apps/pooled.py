"""A program that counts in a pool of processes: as a script, and while it serves requests."""

from __future__ import annotations

import multiprocessing
import sys

from fastapi import FastAPI

from pazpaz_otel import counter

app = FastAPI()
created = counter("appointments.created")


def create(_: int) -> None:
    """Count one, in a process of the pool."""
    created.add(1)


def create_many(method: str) -> None:
    """Count twenty in processes that end when they are done."""
    with multiprocessing.get_context(method).Pool(2) as pool:
        pool.map(create, range(20))
        pool.close()
        pool.join()


@app.get("/health")
def health() -> dict[str, str]:
    """Whether it serves."""
    return {}


@app.get("/visits")
def visits() -> dict[str, str]:
    """Count in this process."""
    created.add(1)
    return {}


@app.get("/pool")
def pool() -> dict[str, str]:
    """Count in others."""
    create_many("fork")
    return {}


if __name__ == "__main__":
    created.add(3)
    create_many(sys.argv[1])
    created.add(2)
