"""What was made, taken or queued before the telemetry starts is guarded with it, or shut where it fails to start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.settings import inherited

PROGRAM = Path(__file__).parent / "apps" / "early.py"
NOWHERE = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
OURS = {"OTEL_PYTHON_DISTRO": "pazpaz_otel", "OTEL_PYTHON_CONFIGURATOR": "pazpaz_otel"}
PATIENT = "Zebedee"
STRICT = {"PAZPAZ_OTEL_STRICT": "true"}
NO_POLICY = {"PAZPAZ_OTEL_POLICY": "/nowhere/policy.yaml"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "settings"),
    [
        pytest.param("configure", {}, id="configure"),
        pytest.param("initialize", OURS, id="zero code"),
        pytest.param("first", {}, id="the first step raises"),
        pytest.param("last", {}, id="the last step raises"),
        pytest.param("last", STRICT, id="the last step raises, what is told strictly is caught"),
        pytest.param("exits", OURS, id="a step exits, zero code"),
        pytest.param("is interrupted", {}, id="a step is interrupted"),
        pytest.param("configure", NO_POLICY, id="no policy"),
        pytest.param("configure", {**NO_POLICY, **STRICT}, id="no policy, what is told strictly is caught"),
    ],
)
def test_nothing_made_early_lets_anything_out(tmp_path: Path, way: str, settings: dict[str, str]) -> None:
    """Queues, providers, bound methods, handlers, clients and contexts from before: nothing leaves, nothing breaks."""
    found = tmp_path / "found.json"
    done = subprocess.run(
        [sys.executable, str(PROGRAM), way, str(found), PATIENT],
        env=inherited({**NOWHERE, **settings}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(found.read_text()) == {"left": [], "broken": []}
    assert PATIENT not in done.stderr
