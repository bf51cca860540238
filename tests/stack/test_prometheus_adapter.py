"""A real prometheus-adapter answers what the gateways' autoscaler asks, by the shipped rule."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel import yaml_text
from tests.programs import Prometheus, wait_until
from tests.programs.golang import ROOT
from tests.programs.kubernetes import ApiServer, PrometheusAdapter
from tests.stack.pages import Page

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

COMPONENT = ROOT / "deploy/kubernetes/components/queue-scaling"
QUEUES = """otelcol_exporter_queue_capacity{exporter="otlp_grpc/gateways",instance="a"} 400
otelcol_exporter_queue_size{exporter="otlp_grpc/gateways",instance="a"} 20
otelcol_exporter_queue_capacity{exporter="otlp_grpc/gateways",instance="b"} 400
otelcol_exporter_queue_size{exporter="otlp_grpc/gateways",instance="b"} 100
"""
SLOW = 180.0


def test_the_fullest_queue_is_what_the_autoscaler_gets(tmp_path: Path) -> None:
    """The metric that the autoscaler names is the share in use of two agents' fuller queue, and follows it."""
    rules = yaml_text.load((COMPONENT / "adapter-rules.yaml").read_text())
    scaler = yaml_text.load((COMPONENT / "autoscaler.yaml").read_text())
    [name] = [entry["external"]["metric"]["name"] for entry in scaler["spec"]["metrics"] if entry["type"] == "External"]
    asked = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/{scaler['metadata']['namespace']}/{name}"
    with Page(QUEUES) as page, ApiServer(tmp_path / "server") as server:
        job = {"job_name": "otel-collector-internal", "static_configs": [{"targets": [page.target]}]}
        config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}
        with (
            Prometheus(config, tmp_path / "prometheus") as prometheus,
            PrometheusAdapter(tmp_path / "adapter", server, prometheus.url, rules) as adapter,
        ):

            def value() -> str:
                items = json.loads(adapter.ask(asked) or "{}").get("items", [])
                return str(items[0]["value"]) if items else ""

            wait_until(lambda: value() == "250m", "a quarter of the fuller queue", SLOW)
            page.text = QUEUES.replace("} 100", "} 400")
            wait_until(lambda: value() == "1", "a full queue", SLOW)
