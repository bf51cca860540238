"""What people write arrives: 200 idioms of a second author, run as a program under the distribution."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.integration.instrumented import tool
from tests.programs import HttpSink

FOLDER = Path(__file__).parent / "corpora" / "everyday"


@pytest.mark.slow
def test_what_people_write_is_readable_without_its_values(tmp_path: Path) -> None:
    """At least 95 % of the idioms arrive as the source's own text, and no byte of a value does.

    A text that data picks from several stays: three of the idioms say so.
    """
    values = {"IDIOM_VALUE": f"Zq{uuid.uuid4().hex[:10]}", "IDIOM_OTHER": f"Yw {uuid.uuid4().hex[:8]}"}
    with HttpSink() as sink:
        environment = {
            **os.environ,
            **values,
            "PYTHONPATH": str(FOLDER),
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_SERVICE_NAME": "clinic",
            "SENTRY_DSN": f"{sink.endpoint.replace('http://', 'http://key@')}/1",
        }
        command = [tool("opentelemetry-instrument"), sys.executable, "-c", "import everyday"]
        ran = subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True, timeout=300)
        arrived = b"".join(received.body for received in sink.received).decode("utf-8", "replace")
    cases = json.loads(ran.stdout.splitlines()[-1])
    read = {text: text in arrived or json.dumps(text, ensure_ascii=False)[1:-1] in arrived for text, _ in cases}
    assert len(cases) >= 200
    assert [text for text, chosen in cases if read[text] == chosen] == []
    assert sum(read.values()) >= 0.95 * len(cases)
    assert [value for value in values.values() if value in arrived] == []
