"""What the policy says of an instrument's buckets and keys is what the SDK aggregates."""

from __future__ import annotations

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader

from pazpaz_otel.otel.views import policy_views
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.load import build

POLICY = """
version: 1
extends: default
metrics:
  wait: {type: histogram, attributes: [workspace.id], undeclared: drop, buckets: [1, 2]}
  took: {type: histogram}
"""
WORKSPACE = "0190b3f2-7c1a-7d3e-8a2b-0123456789a0"


def points(name: str) -> list[HistogramDataPoint]:
    """Return the points of a histogram with a boundary of its own, which measured 1.5 with two keys."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False, views=policy_views(build(Document(POLICY, "p.yaml"))))
    histogram = provider.get_meter("x").create_histogram(name, explicit_bucket_boundaries_advisory=[7])
    histogram.record(1.5, {"workspace.id": WORKSPACE, "client": "Dvora"})
    data = reader.get_metrics_data()
    assert data is not None
    [metric] = data.resource_metrics[0].scope_metrics[0].metrics
    return [point for point in metric.data.data_points if isinstance(point, HistogramDataPoint)]


def test_a_declared_histogram_has_the_boundaries_and_keys_of_the_policy() -> None:
    """Buckets are the policy's, whatever the application advises; for `undeclared: drop`, so are the keys."""
    [point] = points("wait")
    assert (list(point.explicit_bounds), list(point.bucket_counts)) == ([1, 2], [0, 1, 0])
    assert dict(point.attributes or {}) == {"workspace.id": WORKSPACE}


def test_what_the_policy_leaves_open_is_the_applications() -> None:
    """Without buckets in the policy, the application's advice counts, and no key is dropped before the guards."""
    [point] = points("took")
    assert list(point.explicit_bounds) == [7]
    assert set(point.attributes or {}) == {"workspace.id", "client"}
