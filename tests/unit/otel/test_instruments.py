"""Business instruments by name, and metrics bridged from `prometheus_client`."""

from __future__ import annotations

import sys
import types
from typing import Any

import prometheus_client
import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.otel import instruments
from pazpaz_otel.otel.processors import RedactingMetrics
from pazpaz_otel.otel.prometheus import labels_of, with_guide_names
from pazpaz_otel.otel.prometheus_client_bridge import PrometheusClientBridge
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.load import build, load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

UUID = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"
POLICY = """
version: 1
extends: default
attributes:
  ai.status: {enum: [success, error], label: status}
metrics:
  ai_agent_queries_total: {type: counter, attributes: [workspace.id, ai.status], source: prometheus_client}
  ai_agent_latency_seconds: {type: histogram, unit: s, attributes: [ai.status], source: prometheus_client}
  ai_agent_tokens: {type: gauge, source: prometheus_client}
"""


@pytest.fixture
def policy():
    """The default policy with three bridged metrics."""
    return build(Document(POLICY, "policy.yaml"))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> InMemoryMetricReader:
    """Collects what the instruments record."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    monkeypatch.setattr(instruments, "get_meter", provider.get_meter)
    return reader


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> prometheus_client.CollectorRegistry:
    """A default registry of the test's own."""
    registry = prometheus_client.CollectorRegistry()
    monkeypatch.setattr(prometheus_client, "REGISTRY", registry)
    return registry


def found(data: Any) -> dict[str, Any]:
    return {m.name: m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics}


def test_an_instrument_is_got_by_its_declared_name(policy: Any, reader: InMemoryMetricReader):
    """The policy gives type, unit and description; asked for twice, it is the same instrument."""
    made = instruments.Instruments(policy)
    made.get("counter", "appointments.created").add(2, {"workspace.id": UUID})
    made.get("counter", "appointments.created").add(1, {"workspace.id": UUID})
    metric = found(reader.get_metrics_data())["appointments.created"]
    assert [point.value for point in metric.data.data_points] == [3]
    assert (metric.unit, metric.description) == ("{appointment}", "Appointments created.")


@pytest.mark.parametrize("callback", [lambda: 7, lambda _: [metrics.Observation(7)]], ids=["a value", "observations"])
def test_an_observable_instrument_asks_its_callback(policy: Any, reader: InMemoryMetricReader, callback: Any):
    """A callback may give a value or observations."""
    instruments.Instruments(policy).observe("active_workspaces_24h", callback)
    assert [p.value for p in found(reader.get_metrics_data())["active_workspaces_24h"].data.data_points] == [7]


def test_an_observable_instrument_may_have_no_value(policy: Any, reader: InMemoryMetricReader):
    """`None` is no value, not zero."""
    instruments.Instruments(policy).observe("active_workspaces_24h", lambda: None)
    data = reader.get_metrics_data()
    assert data is None or "active_workspaces_24h" not in found(data)


def test_what_is_not_declared_is_an_error_that_says_the_hint(policy: Any):
    """An unknown name or another type is an error at the call, with what to write."""
    made = instruments.Instruments(policy)
    with pytest.raises(PazPazOtelError, match="add it under `metrics`"):
        made.get("counter", "visits")
    with pytest.raises(PazPazOtelError, match="as counter, not as histogram"):
        made.get("histogram", "appointments.created")
    with pytest.raises(PazPazOtelError, match="needs an observable type"):
        made.observe("appointments.created", lambda: 1)


def test_declared_metrics_of_prometheus_client_are_bridged(policy: Any, registry: Any):
    """Counters, gauges and histograms that the policy declares arrive with their labels as attributes; others don't."""
    queries = prometheus_client.Counter("ai_agent_queries_total", "d", ["workspace_id", "status"], registry=registry)
    latency = prometheus_client.Histogram(
        "ai_agent_latency_seconds", "d", ["status"], buckets=[1, 2], registry=registry
    )
    prometheus_client.Gauge("ai_agent_tokens", "d", registry=registry).set(5)
    prometheus_client.Counter("patients_total", "d", ["name"], registry=registry).labels("dvora").inc()
    queries.labels(UUID, "success").inc(3)
    queries.labels("dvora", "success").inc(4)
    for seconds in (0.5, 1.5, 9):
        latency.labels("error").observe(seconds)
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    provider.get_meter("x").create_counter("session_notes.saved").add(1, {"workspace.id": UUID})
    data = PrometheusClientBridge(policy).add_to(reader.get_metrics_data())
    clean = found(RedactingMetrics(Guard(policy, Evidence())).clean(data))
    assert set(clean) == {
        "session_notes.saved",
        "ai_agent_queries_total",
        "ai_agent_latency_seconds",
        "ai_agent_tokens",
    }
    counts = {tuple(p.attributes.items()): p.value for p in clean["ai_agent_queries_total"].data.data_points}
    assert counts == {(("workspace.id", UUID), ("ai.status", "success")): 3, (("otel.metric.overflow", True),): 4}
    [histogram] = clean["ai_agent_latency_seconds"].data.data_points
    assert (histogram.count, histogram.sum, list(histogram.bucket_counts)) == (3, 11.0, [1, 1, 1])


def test_a_library_that_is_being_imported_has_no_metrics_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection that falls into the import of `prometheus_client` in another thread gives OpenTelemetry's own."""
    monkeypatch.setitem(sys.modules, "prometheus_client", types.ModuleType("prometheus_client"))
    bridge = PrometheusClientBridge(load_policy())
    assert bridge.add_to(None) is None
    assert bridge.undeclared(bridged=False) == {}


def test_the_embedded_endpoint_has_the_guides_names(policy: Any):
    """Counts and durations have the guide's names, merged over what it has no label for; no route, no handler."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("x")
    duration = meter.create_histogram("http.server.request.duration", explicit_bucket_boundaries_advisory=[1])
    route = {"http.request.method": "GET", "http.route": "/ping"}
    for status, version in ((200, "1.1"), (200, "2"), (500, "1.1")):
        duration.record(0.5, {**route, "http.response.status_code": status, "network.protocol.version": version})
    duration.record(0.5, {"http.request.method": "GET", "http.response.status_code": 404})
    named = found(with_guide_names(reader.get_metrics_data(), labels_of(policy)))
    counts = {tuple(p.attributes.values()): p.value for p in named["http_requests"].data.data_points}
    assert counts == {("GET", "/ping", "200"): 2, ("GET", "/ping", "500"): 1, ("GET", "404"): 1}
    seconds = {tuple(p.attributes.values()): p.count for p in named["http_request_duration"].data.data_points}
    assert seconds == {("GET", "/ping"): 3, ("GET",): 1}
    assert sum(point.count for point in named["http.server.request.duration"].data.data_points) == 4
