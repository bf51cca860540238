"""Which request each part of an application's output belongs to, and how the report says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.audit.application.coverage import Coverage
from pazpaz_otel.audit.report import AFTER, AGAIN, left

if TYPE_CHECKING:
    from pathlib import Path


def test_output_is_told_apart_by_the_response_that_came_next(tmp_path: Path) -> None:
    """What stood there before anything was planted is left out; what follows the last response is the next start's."""
    file = tmp_path / "stdout"
    file.write_bytes(b"starting\n")
    coverage = Coverage({"stdout": file})
    coverage.begin()
    for line, label in ((b"one\n", "GET /a"), (b"two\nthree\n", "GET /b"), (b"stopping\n", AFTER)):
        file.write_bytes(file.read_bytes() + line)
        coverage.mark(label)
    parts = list(coverage.lines("stdout", file.read_bytes() + b"starting\n"))
    assert parts == [("GET /a", b"one\n"), ("GET /b", b"two\nthree\n"), (AFTER, b"stopping\n"), (AGAIN, b"starting\n")]


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([""], ""),
        ([AGAIN, AGAIN], " at the next start"),
        ([AFTER], " after its response: in the background"),
        (["GET /b", AFTER, "GET /a"], " after its response: in the background, or by GET /a or GET /b"),
    ],
)
def test_when_a_text_left_is_told(times: list[str], told: str) -> None:
    """A later time is a task's in the background, or that of a handler which read what was stored."""
    assert left(times) == told
