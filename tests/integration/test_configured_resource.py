"""What the operator configures of the resource, from the environment to the bytes on the wire."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.audit.run import instrumented
from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.settings import inherited

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "from opentelemetry import trace; trace.get_tracer(__name__).start_span('start').end()"
CONFIGURED = {
    "service.namespace": "com.example:shop",
    "service.version": "practice-api-2024112500",
    "deployment.environment.name": "prod-eu",
    "k8s.pod.name": "api-7d9c5b6f4-x2x7q",
    "cloud.account.id": "123456789012",
    "container.image.name": "registry.example/clinic/api",
    "team": "night shift",
}
REFUSED = {
    "patient.name": "Dvora",
    "host.name": "dvora-macbook",
    "process.owner": "dvora",
    "squad": "dvora",
    "service.criticality": "vora",
}


@pytest.mark.slow
def test_configuration_leaves_as_it_stands(tmp_path: Path) -> None:
    """Values under keys of the resource conventions and of the policy leave whole; other keys are named at start."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nextends: default\nattributes: {team: config}\n", encoding="utf-8")
    pairs = ",".join(f"{key}={value.replace(' ', '%20')}" for key, value in {**CONFIGURED, **REFUSED}.items())
    with HttpSink() as sink:
        environment = {
            "PAZPAZ_OTEL_POLICY": str(policy),
            "OTEL_SERVICE_NAME": "my shop",
            "OTEL_RESOURCE_ATTRIBUTES": pairs,
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
        }
        command = [*instrumented(), "-c", PROGRAM]
        done = subprocess.run(
            command, env=inherited(environment), check=True, capture_output=True, text=True, timeout=60
        )
        (request,) = [one for one in sink.received if one.path.endswith("traces")]
    resource = request.message.resource_spans[0].resource
    sent = {pair.key: pair.value.string_value for pair in resource.attributes}
    assert {key: sent.get(key) for key in CONFIGURED} == CONFIGURED
    assert sent["service.name"] == "my shop"
    assert not REFUSED.keys() & sent.keys()
    assert b"vora" not in request.body
    assert sys.executable.encode() not in request.body
    (line,) = [line for line in done.stderr.splitlines() if "resource attributes that stay here" in line]
    assert "squad: config" in line
    assert "a value of kind `enum`" in line
    assert "service.criticality" in line
    assert not any(value in line for value in (*REFUSED.values(), "night shift", "my shop"))
