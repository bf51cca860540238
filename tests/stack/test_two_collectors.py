"""Two Collectors behind one name: a sender that moves leaves its old sums behind, and an alert says so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE

from pazpaz_otel import yaml_text
from tests.programs import Prometheus, wait_until
from tests.programs.golang import ROOT
from tests.programs.stack import TOKEN, WallCollector
from tests.stack.otlp import post

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

ALERT = "CollectorReplicas"


def _config(folder: Path, collectors: list[WallCollector]) -> dict[str, Any]:
    """Scrape the Collectors as one service, with the shipped alert, which rings at once."""
    shipped = yaml_text.load((ROOT / "monitoring/prometheus/alerts/telemetry.yml").read_text(encoding="utf-8"))
    [rule] = [rule for group in shipped["groups"] for rule in group["rules"] if rule.get("alert") == ALERT]
    rule["for"] = "0s"
    rules = folder / "rules.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "telemetry", "rules": [rule]}]}))
    jobs = {
        "otel-collector": [collector.prometheus_target for collector in collectors],
        "otel-collector-internal": [collector.own_target for collector in collectors],
    }
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rules)],
        "scrape_configs": [
            {
                "job_name": name,
                "honor_labels": True,
                "static_configs": [{"targets": targets, "labels": {"environment": "production"}}],
            }
            for name, targets in jobs.items()
        ],
    }


def _send(collector: WallCollector, total: int) -> None:
    """Send a ledger's sum: the same identity and the same series, wherever it goes."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    for key, value in {"service.name": "api", "service.instance.id": "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"}.items():
        resource.resource.attributes.add(key=key).value.string_value = value
    metric = resource.scope_metrics.add().metrics.add()
    metric.name = "appointments.created"
    metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
    metric.sum.is_monotonic = True
    point = metric.sum.data_points.add()
    point.as_int, point.time_unix_nano, point.start_time_unix_nano = total, time.time_ns(), 1
    assert post(f"{collector.guarded_http}/v1/metrics", request.SerializeToString(), TOKEN) == 200


def test_an_alert_says_that_sums_are_shown_twice(tmp_path: Path) -> None:
    """With one Collector it is silent and the sum is right; when a sender has moved to a second one, it rings."""
    with WallCollector(tmp_path / "one") as one:
        with Prometheus(_config(tmp_path, [one]), tmp_path / "alone") as prometheus:
            _send(one, 5)
            wait_until(lambda: prometheus.query("sum(appointments_created_total)") == [({}, 5.0)], "the sum", 60)
            wait_until(lambda: prometheus.query("count_over_time(up[1h]) >= 3"), "some evaluations", 60)
            assert not prometheus.query(f'ALERTS{{alertname="{ALERT}"}}')
        with (
            WallCollector(tmp_path / "two") as two,
            Prometheus(_config(tmp_path, [one, two]), tmp_path / "both") as prometheus,
        ):
            _send(two, 7)
            firing = f'ALERTS{{alertname="{ALERT}", alertstate="firing", environment="production"}}'
            wait_until(lambda: prometheus.query(firing), "the alert", 60)
