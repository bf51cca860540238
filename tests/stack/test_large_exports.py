"""An export that is larger than what the Collector takes in one request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.policy import load_policy
from pazpaz_otel.settings import inherited
from tests.programs import wait_until
from tests.programs.stack import TOKEN, WallCollector

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]

SERIES = 4_500
WIDE = {f"ward.{number}": number * 128 for number in "abcdefgh"}
"""Attributes with one long value: each series takes 1,100 bytes, all of them more than the 4 MiB of the Collector."""
POLICY = f"""
version: 1
extends: default
attributes: {json.dumps({name: {"enum": [value]} for name, value in WIDE.items()})}
metrics:
  appointments.created:
    type: counter
    unit: "{{appointment}}"
    attributes: [workspace.id, {", ".join(WIDE)}]
    limit: {SERIES}
"""
PROGRAM = f"""
import uuid
import pazpaz_otel
pazpaz_otel.configure()
counter = pazpaz_otel.counter("appointments.created")
for _ in range({SERIES}):
    counter.add(1, {{"workspace.id": str(uuid.uuid4()), **{WIDE}}})
from opentelemetry import metrics
assert metrics.get_meter_provider().force_flush(60_000)
"""


@pytest.mark.parametrize(("protocol", "ledger"), [("http/protobuf", "on"), ("grpc", "off")])
def test_every_series_arrives(tmp_path: Path, protocol: str, ledger: str) -> None:
    """More series than one request holds are there after one flush, with a ledger and without, by each protocol."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    with WallCollector(tmp_path / "collector", policy=load_policy(policy)) as collector:
        endpoint = collector.guarded_http if protocol == "http/protobuf" else f"http://{collector.guarded_grpc}"
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=inherited(
                {
                    "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
                    "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
                    "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{TOKEN}",
                    "OTEL_METRIC_EXPORT_INTERVAL": "600000",
                    "PAZPAZ_OTEL_LEDGER": ledger,
                    "PAZPAZ_OTEL_POLICY": str(policy),
                    "PAZPAZ_OTEL_SCRAPE_INTERVAL": "0",
                    "TMPDIR": str(tmp_path),
                }
            ),
            timeout=300,
            check=True,
        )
        wait_until(lambda: collector.exposed().count("\nappointments_created_total{") == SERIES, "every series", 60)
