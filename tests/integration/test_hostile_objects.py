"""Objects that raise wherever telemetry looks at them: the application sees what it sees without telemetry."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.settings import inherited

PROGRAM = Path(__file__).parent / "apps" / "hostile.py"
SETTINGS = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "console"}

pytestmark = [pytest.mark.slow, pytest.mark.long]


def _run(telemetry: str, lean: str = "true") -> tuple[dict[str, str], str]:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), telemetry],
        env=inherited({**SETTINGS, "PAZPAZ_OTEL_LEAN": lean}),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1]), done.stdout + done.stderr


@pytest.mark.parametrize("lean", ["true", "false"])
def test_what_an_object_raises_stays_with_telemetry(lean: str) -> None:
    """Whatever an object's methods raise or return, exits and interrupts included, each call comes to the same."""
    without, _ = _run("off")
    with_telemetry, written = _run("on", lean)
    changed = {use: (result, with_telemetry[use]) for use, result in without.items() if with_telemetry[use] != result}
    # Baggage that nobody allows isn't looked at, where OpenTelemetry's own propagator prints it.
    assert {use: results for use, results in changed.items() if not use.startswith("header: ")} == {}
    assert len(without) > 1500
    assert "305123456" not in written
