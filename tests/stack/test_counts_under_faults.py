"""Counts are exact while workers are recycled and killed, and the Collector and Prometheus with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import counts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]


# One kind of fault each beside recycled workers for those whose workers import a framework; for the last, six faults.
@pytest.mark.parametrize(("server", "seed"), [("uvicorn", 10), ("gunicorn", 10), ("gthread", 0)])
def test_counts_are_those_that_were_made(tmp_path: Path, server: str, seed: int) -> None:
    """Beyond what a killed worker hadn't merged: within 0.1 %, no workspace off by two, p95 in its bucket.

    Twice the workspaces bound the series, the up-down counter is back at the truth, the database's gauge is there once.
    """
    counted = counts.run(tmp_path, counts.Plan(server, workers=2, seconds=30, seed=seed))
    assert not counted.faults(), f"{counted.faults()}\n{counted.table()}"
