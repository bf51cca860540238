"""Whether other processes serve the same application, by what this one can see."""

from __future__ import annotations

import multiprocessing
import sys

import pytest

from pazpaz_otel.otel.workers import inherits_counts, reason_for_several

UVICORN = ["python", "/usr/bin/uvicorn", "app:app"]


@pytest.mark.parametrize(
    ("arguments", "concurrency", "several"),
    [
        (UVICORN, 1, False),
        ([*UVICORN, "--workers", "1"], 1, False),
        ([*UVICORN, "--workers", "4"], 1, True),
        ([*UVICORN, "--workers=4"], 1, True),
        (UVICORN, 4, True),
        ([*UVICORN, "--reload"], 1, True),
        (["python", "/usr/bin/gunicorn", "app:app"], 1, True),
        (["python", "-c", "from multiprocessing.spawn import spawn_main", "--multiprocessing-fork"], 1, True),
        (["python", "report.py", "-w"], 1, False),
    ],
)
def test_several_processes_are_seen(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], concurrency: int, several: bool
):
    """A command line or an environment that asks for several workers, or a forking server, is a reason."""
    monkeypatch.setattr(sys, "orig_argv", arguments)
    assert (reason_for_several(concurrency) is not None) is several


@pytest.mark.parametrize(("method", "inherits"), [("fork", True), ("spawn", False)])
def test_a_forked_process_begins_with_its_parents_counts(method: str, inherits: bool) -> None:
    """A spawned one begins with none, and neither is its parent's."""
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(inherits_counts) is inherits
    assert not inherits_counts()
