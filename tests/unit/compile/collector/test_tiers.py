"""The two tiers of Collectors for many servers."""

from __future__ import annotations

import pytest

from pazpaz_otel.compile.collector import tiers
from pazpaz_otel.policy import load_policy


@pytest.fixture(scope="module")
def gateway():
    return tiers.gateway(load_policy())


def test_only_agents_have_queues(gateway):
    """A gateway answers once the store has; what waits, waits on an agent's disk, half a day for guarded senders."""
    for exporter in (gateway["exporters"][name] for name in ("otlp_grpc/tempo", "prometheusremotewrite")):
        queue = exporter.get("sending_queue") or exporter["remote_write_queue"]
        assert (queue["enabled"], exporter["retry_on_failure"]["enabled"]) == (False, False)
    for name, exporter in tiers.agent()["exporters"].items():
        assert exporter["sending_queue"]["storage"] == "file_storage"
        patience = "12h" if "/guarded" in name else "5m"
        retry = exporter["retry_on_failure"]
        assert (retry["enabled"], retry["max_elapsed_time"]) == (True, patience)
        assert retry.keys() >= {"initial_interval", "randomization_factor", "multiplier", "max_interval"}
        assert exporter["protocol"]["otlp"]["sending_queue"] == {"enabled": False}


def test_senders_stay_apart():
    """What an untrusted sender sends reaches the gateway's receiver for such senders, without the token."""
    config = tiers.agent()
    for name, pipeline in config["service"]["pipelines"].items():
        signal, sender = name.split("/")
        assert pipeline["receivers"] == [f"otlp/{sender}"]
        assert pipeline["exporters"] == [f"load_balancing/{sender}_{signal}"]
        exporter = config["exporters"][f"load_balancing/{sender}_{signal}"]
        assert exporter["resolver"]["dns"]["port"] == {"guarded": "4327", "strict": "4317"}[sender]
        assert ("headers" in exporter["protocol"]["otlp"]) == (sender == "guarded")


def test_the_walls_are_those_of_one_server(gateway):
    """Each pipeline of the walls runs in a gateway as on one server; only where it goes differs."""
    pipelines = gateway["service"]["pipelines"]
    for module in (tiers.traces, tiers.metrics, tiers.logs):
        for name, pipeline in module.wall(load_policy())["service"]["pipelines"].items():
            assert pipelines[name] == pipeline
    assert pipelines["metrics/out"]["processors"] == ["transform/prometheus_names"]


def test_what_belongs_together_goes_to_one_gateway():
    """Spans by their trace, sums by their sender."""
    keys = {name: exporter["routing_key"] for name, exporter in tiers.agent()["exporters"].items()}
    assert keys["load_balancing/guarded_traces"] == keys["load_balancing/strict_traces"] == "traceID"
    assert keys["load_balancing/guarded_metrics"] == keys["load_balancing/strict_metrics"] == "resource"
