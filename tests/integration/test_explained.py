"""What EXPLAIN writes down about drops, and what is made of it, has no word of what was dropped."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.audit.scan import Scanner
from pazpaz_otel.settings import inherited
from tests.integration.instrumented import APPS, INSTRUMENT, ROOT, tool
from tests.integration.test_attacked import planted
from tests.programs import HttpSink

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SURFACES = {
    *("span_name", "span_attribute", "span_event", "span_link", "span_status", "trace_state", "scope", "resource"),
    *("log_body", "log_attribute", "metric", "metric_attribute", "sentry", "sql"),
}


def test_explanations_have_no_word_of_the_data(tmp_path: Path) -> None:
    """Keys, values, names, statements and hosts that data says are explained by place and reason, and so learnt."""
    words = planted(23)
    file, explained = tmp_path / "said.json", tmp_path / "explained.jsonl"
    file.write_text(json.dumps([said for shapes in words.values() for said, _ in shapes.values()]))
    with HttpSink() as sink:
        settings = {
            "PYTHONPATH": str(ROOT),
            "PAZPAZ_OTEL_EXPLAIN": str(explained),
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "SENTRY_DSN": sink.dsn,
            "OTEL_RESOURCE_ATTRIBUTES": "team=Ward seven",
        }
        command = [*INSTRUMENT, sys.executable, str(APPS / "explained.py"), str(file)]
        done = subprocess.run(
            command, env=inherited(settings), capture_output=True, text=True, timeout=200, check=False
        )
    assert done.returncode == 0, done.stderr[-2000:]
    learnt = subprocess.run(
        [tool("pazpaz-otel"), "policy", "learn", str(explained)], capture_output=True, text=True, check=True
    )
    own = "\n".join(line for line in done.stderr.splitlines() if line.startswith("pazpaz-opentelemetry"))
    tokens = {f"{place} {name}": [word] for place, shapes in words.items() for name, (_, word) in shapes.items()}
    scanner = Scanner(tokens)
    told = {"EXPLAIN": explained.read_text(), "learn": learnt.stdout + learnt.stderr, "stderr": own}
    assert {(find.plant, find.where) for where, text in told.items() for find in scanner.text(text, where)} == set()
    lines = [json.loads(line) for line in told["EXPLAIN"].splitlines()]
    assert {line["surface"] for line in lines} >= SURFACES
    assert {line["at"].rpartition(":")[0] for line in lines if "at" in line} >= {"explained.py"}
    assert "Ward seven" not in told["EXPLAIN"]


def test_a_metric_that_the_policy_lacks_is_proposed(tmp_path: Path) -> None:
    """An instrument of `counter` that no policy declares is named with its type, if the source has its name."""
    file, explained = tmp_path / "rooms.py", tmp_path / "explained.jsonl"
    file.write_text(
        "import sys\nfrom pazpaz_otel import counter\ncounter('rooms.booked').add(1)\n"
        "counter('rooms.' + sys.argv[1]).add(1)\ncounter('http.server.request.duration').add(1)\n"
    )
    settings = {"PAZPAZ_OTEL_EXPLAIN": str(explained), "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}
    command = [*INSTRUMENT, sys.executable, str(file), "dvora"]
    subprocess.run(command, env=inherited(settings), capture_output=True, check=True, timeout=60)
    told = [json.loads(line) for line in explained.read_text().splitlines()]
    assert [(line.get("key"), line["at"]) for line in told if line["surface"] == "metric"] == [
        ("rooms.booked", "rooms.py:3"),
        (None, "rooms.py:4"),
    ]
    learnt = subprocess.run(
        [tool("pazpaz-otel"), "policy", "learn", str(explained)], capture_output=True, text=True, check=True
    )
    assert "rooms.booked: {type: counter}" in learnt.stdout
