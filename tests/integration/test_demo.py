"""`make demo`, the first command that a newcomer runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.long]

ROOT = Path(__file__).parents[2]


def _demo(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "examples.demo", "--seed", "5", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def test_demo_shows_what_left_and_finds_no_leak() -> None:
    """The demo ends well, and shows a trace, metrics, log lines and the audit's counts."""
    code, output = _demo()
    assert code == 0, output
    assert "leaks found             0" in output
    for shown in (
        "PUT /api/v1/appointments/{appointment_id}/note",
        "INSERT",
        "appointments_created_total",
        "note saved for %s",
    ):
        assert shown in output
    kept, _, of = output.partition("useful attributes kept")[2].split()[:3]
    assert int(kept) >= 0.95 * int(of)


def test_open_door_is_found() -> None:
    """With one unguarded handler beside the application's, the demo finds the line that it let through, and fails."""
    code, output = _demo("--open-door")
    assert code == 1, output
    assert "in standard output" in output
    assert "leaks found             0" not in output


@pytest.mark.stack
def test_demo_stack_counts_what_the_traffic_did() -> None:
    """Through a real Collector and Prometheus, PromQL gives the numbers of the traffic, and nothing leaks."""
    code, output = _demo("--stack")
    assert code == 0, output
    assert "leaks found 0, wrong numbers 0" in output
