"""`PAZPAZ_OTEL_GUARD_OUTPUT`: one setting for every line that a process logs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.settings import inherited

pytestmark = pytest.mark.slow

APP = Path(__file__).parent / "apps" / "printer.py"
NOWHERE = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}


def _written(**settings: str) -> str:
    command = [
        str(Path(sys.executable).with_name("opentelemetry-instrument")),
        sys.executable,
        str(APP),
        "Dvora Mizrahi",
    ]
    environment = inherited({**NOWHERE, **settings, "NO_COLOR": "1"})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout + done.stderr


def test_every_line_is_guarded_by_one_setting():
    """Handlers that the application configures itself, and structlog's default, write templates and no value."""
    written = _written(PAZPAZ_OTEL_GUARD_OUTPUT="true")
    assert "Dvora" not in written
    for line in ("INFO clinic note saved for %s", "WARNING clinic no slot for {NAME}", "ERROR clinic it failed"):
        assert line in written
    for event in ("note_saved", "reminder_sent", "note_opened", "note_closed"):
        assert event in written


def test_nothing_is_changed_without_it():
    """Unless it is asked for, an application's own lines are its own."""
    assert written_names(_written()) >= 8


def written_names(text: str) -> int:
    return text.count("Dvora Mizrahi")
