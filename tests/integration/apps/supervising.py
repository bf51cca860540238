"""A program that starts a process, and counts nothing itself."""

from __future__ import annotations

import multiprocessing

from pazpaz_otel import counter


def create() -> None:
    """Count one."""
    counter("appointments.created").add(1)


if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=create)
    process.start()
    process.join()
