"""What doctor and the explanations advise for metrics of `prometheus_client` is what lets their labels out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.settings import inherited

pytestmark = pytest.mark.slow

APPLICATION = """
from fastapi import FastAPI
from prometheus_client import Counter

app = FastAPI()
BOOKED = Counter("desk_appointments_booked", "Appointments booked.", ["doctor"])
BOOKED.labels("hadar").inc()
"""


def _run(folder: Path, *command: str, **settings: str) -> str:
    (folder / "desk.py").write_text(APPLICATION)
    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=inherited({"PAZPAZ_OTEL_GUARD_OUTPUT": "true", **settings}),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def _sent(folder: Path, **settings: str) -> dict[str, Any]:
    with HttpSink() as sink:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint}
        _run(folder, "opentelemetry-instrument", sys.executable, "desk.py", **endpoint, **settings)
        messages = sink.messages(ExportMetricsServiceRequest)
    return {
        metric.name: {attribute.key: attribute.value.string_value for attribute in point.attributes}
        for message in messages
        for resource in message.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.sum.data_points
    }


def test_the_lines_that_doctor_gives_let_the_labels_out(tmp_path: Path) -> None:
    """With a kind filled in, the advised lines are a policy under which the counter keeps its label."""
    findings = json.loads(_run(tmp_path, "pazpaz-otel", "doctor", "--no-send", "--json", "--app", "desk:app"))
    (hint,) = [one["hint"] for one in findings if "of prometheus_client, sent" in one["text"]]
    assert hint.startswith("attributes: {doctor: <kind>} and metrics: {desk_appointments_booked: {")
    assert _sent(tmp_path)["desk_appointments_booked_total"] == {}
    lines = hint.replace("<kind>", "{enum: [hadar]}").split(" and ")
    policy = tmp_path / "policy.yaml"
    policy.write_text("\n".join(["version: 1", "extends: default", *lines]))
    assert yaml.safe_load(policy.read_text())["metrics"]
    assert _sent(tmp_path, PAZPAZ_OTEL_POLICY=str(policy))["desk_appointments_booked"] == {"doctor": "hadar"}


def test_a_label_that_is_dropped_can_be_learned(tmp_path: Path) -> None:
    """The file of explanations has the label, and `policy learn` proposes an attribute of its name."""
    file = tmp_path / "dropped.jsonl"
    _sent(tmp_path, PAZPAZ_OTEL_EXPLAIN=str(file))
    keys = {line.get("key") for line in map(json.loads, file.read_text().splitlines())}
    assert "doctor" in keys
    assert "doctor: " in _run(tmp_path, "pazpaz-otel", "policy", "learn", str(file))
