"""What everyday code says arrives, and no value with it: a generated program, run as its users would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.integration.idioms import program
from tests.integration.instrumented import tool
from tests.programs import HttpSink

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "idioms_program"


@pytest.mark.slow
def test_everyday_idioms_are_readable_without_their_values(tmp_path: Path) -> None:
    """Each of 276 idioms arrives as the source's own text, in OTLP or at Sentry, and no byte of a value does."""
    source, texts, cases = program(MODULE)
    (tmp_path / f"{MODULE}.py").write_text(source, encoding="utf-8")
    (tmp_path / f"{MODULE}_texts.py").write_text(texts, encoding="utf-8")
    values = {"IDIOM_VALUE": f"Zq{uuid.uuid4().hex[:10]}", "IDIOM_OTHER": f"Yw {uuid.uuid4().hex[:8]}"}
    with HttpSink() as sink:
        environment = {
            **os.environ,
            **values,
            "PYTHONPATH": str(tmp_path),
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_SERVICE_NAME": "clinic",
            "SENTRY_DSN": f"{sink.endpoint.replace('http://', 'http://key@')}/1",
        }
        command = [tool("opentelemetry-instrument"), sys.executable, "-c", f"import {MODULE}"]
        subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True, timeout=300)
        arrived = b"".join(received.body for received in sink.received).decode("utf-8", "replace")
    lost = [
        f"{case.name}: {case.leaves}"
        for case in cases
        if case.leaves not in arrived and json.dumps(case.leaves)[1:-1] not in arrived
    ]
    assert lost == []
    assert len(cases) >= 120
    assert [value for value in values.values() if value in arrived] == []
