"""Metrics through the real SDK: declared instruments, typed attributes, totals that are never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel import patches
from pazpaz_otel.otel.measurements import guard_measurements
from pazpaz_otel.otel.processors import RedactingMetrics
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.load import build
from pazpaz_otel.redact import data_points, drops
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.metric import MetricGuard

if TYPE_CHECKING:
    from pazpaz_otel.redact.evidence import Evidence

SECRET = "Dvora-Mizrahi-7731"
ONE, TWO, THREE = (f"0190b3f2-7c1a-7d3e-8a2b-0123456789a{i}" for i in range(3))
OVERFLOW = (("otel.metric.overflow", True),)
POLICY = """
version: 1
extends: default
metrics:
  visits: {type: counter, unit: "{visit}", description: Visits., attributes: [workspace.id], limit: 2}
  temperature: {type: gauge, range: [30, 45]}
  level: {type: gauge}
  took: {type: histogram}
  paid: {type: counter}
  wait: {type: histogram, attributes: [workspace.id], undeclared: drop, buckets: [1, 2]}
"""


class Pipeline:
    """A provider whose metrics are guarded as they are collected."""

    def __init__(self, evidence: Evidence, views: list[View] | None = None) -> None:
        self.guard = Guard(build(Document(POLICY, "policy.yaml")), evidence)
        self.reader = InMemoryMetricReader()
        resource = Resource({"service.name": "clinic", "host.name": SECRET})
        self.provider = MeterProvider([self.reader], resource, shutdown_on_exit=False, views=views or [])
        self.meter = self.provider.get_meter(SECRET, SECRET, attributes={SECRET: SECRET})

    def collect(self) -> Any:
        return RedactingMetrics(self.guard).clean(self.reader.get_metrics_data())

    def points(self, name: str) -> dict[tuple[tuple[str, Any], ...], Any]:
        data = self.collect()
        found = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics if m.name == name]
        return {tuple(sorted(point.attributes.items())): point for metric in found for point in metric.data.data_points}


@pytest.fixture
def pipeline(evidence: Evidence) -> Pipeline:
    """A pipeline with a small policy."""
    return Pipeline(evidence)


def test_nothing_undeclared_leaves(pipeline: Pipeline):
    """An instrument that the policy doesn't name doesn't leave, nor do names, units, scopes and resources."""
    pipeline.meter.create_counter(SECRET.replace("-", "_"), SECRET, SECRET).add(1, {SECRET: SECRET})
    pipeline.meter.create_counter("visits", SECRET, SECRET).add(1, {"workspace.id": ONE})
    wire = str(encode_metrics(pipeline.collect()))
    assert SECRET not in wire
    assert SECRET.replace("-", "_") not in wire
    assert 'name: "visits"' in wire
    assert 'unit: "{visit}"' in wire
    assert 'description: "Visits."' in wire


def test_the_total_is_never_lost(pipeline: Pipeline):
    """What has a value that isn't proven, an undeclared key, or is over the limit is in the overflow series."""
    visits = pipeline.meter.create_counter("visits")
    for workspace in (ONE, TWO, THREE):
        visits.add(5, {"workspace.id": workspace})
    visits.add(7, {"workspace.id": SECRET})
    visits.add(11, {"workspace.id": ONE, "client": SECRET})
    points = pipeline.points("visits")
    assert {key: point.value for key, point in points.items()} == {
        (("workspace.id", ONE),): 5,
        (("workspace.id", TWO),): 5,
        OVERFLOW: 23,
    }


def test_series_merge_where_an_attribute_is_dropped(pipeline: Pipeline):
    """For `undeclared: drop`, histograms that differ in what isn't listed become one, bucket by bucket."""
    wait = pipeline.meter.create_histogram("wait", explicit_bucket_boundaries_advisory=[1, 2])
    for seconds, client in ((0.5, SECRET), (1.5, "other"), (9, SECRET)):
        wait.record(seconds, {"workspace.id": ONE, "client": client})
    [(key, point)] = pipeline.points("wait").items()
    assert key == (("workspace.id", ONE),)
    assert (point.count, point.sum, point.min, point.max) == (3, 11.0, 0.5, 9)
    assert list(point.bucket_counts) == [1, 1, 1]


def test_exponential_histograms_merge_at_the_coarser_scale(evidence: Evidence):
    """No count is lost where two exponential histograms of different scales become one."""
    views = [View(instrument_name="wait", aggregation=ExponentialBucketHistogramAggregation(max_size=4))]
    pipeline = Pipeline(evidence, views)
    wait = pipeline.meter.create_histogram("wait")
    for seconds, client in ((1, "a"), (1.1, "a"), (1000, "b"), (0.001, "b"), (0, "b")):
        wait.record(seconds, {"workspace.id": ONE, "client": client})
    [point] = pipeline.points("wait").values()
    assert (point.count, point.zero_count) == (5, 1)
    assert sum(point.positive.bucket_counts) == 4
    for value in (1, 1.1, 1000, 0.001):
        base = 2 ** (2**-point.scale)
        bounds = [base ** (point.positive.offset + i) for i in range(len(point.positive.bucket_counts) + 1)]
        assert bounds[0] < value <= bounds[-1] * (1 + 1e-9)


def test_a_value_out_of_its_range_does_not_leave(pipeline: Pipeline):
    """A gauge set to somebody's number isn't exported."""
    gauge = pipeline.meter.create_gauge("temperature")
    gauge.set(305123456)
    before = drops.snapshot().get(("metric_value", "out_of_range"), 0)
    assert pipeline.points("temperature") == {}
    assert drops.snapshot()["metric_value", "out_of_range"] == before + 1
    gauge.set(37.5)
    assert [point.value for point in pipeline.points("temperature").values()] == [37.5]


def test_a_measurement_out_of_range_takes_no_other_with_it(pipeline: Pipeline):
    """What is held back as it is recorded isn't in the sums of a histogram or counter, and the rest stays there."""
    with patches.restored():
        guard_measurements(MetricGuard(pipeline.guard))
        took, paid = pipeline.meter.create_histogram("took"), pipeline.meter.create_counter("paid")
        for value in (2, 305123456, 3):
            took.record(value)
            paid.add(value)
    [seconds] = pipeline.points("took").values()
    [total] = pipeline.points("paid").values()
    assert (seconds.count, seconds.sum, total.value) == (2, 5, 5)


def test_exemplars_keep_their_trace_and_nothing_else(evidence: Evidence):
    """What a View took out of a series doesn't come back in its exemplars."""
    pipeline = Pipeline(evidence, [View(instrument_name="wait", attribute_keys={"workspace.id"})])
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer(__name__)
    with tracer.start_as_current_span("GET") as span:
        pipeline.meter.create_histogram("wait").record(1, {"workspace.id": ONE, "client": SECRET})
    [point] = pipeline.points("wait").values()
    [exemplar] = point.exemplars
    assert exemplar.trace_id == span.get_span_context().trace_id
    assert not exemplar.filtered_attributes


def test_a_guard_that_raises_drops_and_counts(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    """Metrics that can't be guarded don't leave, and the failure is counted."""
    pipeline.meter.create_counter("visits").add(1, {"workspace.id": ONE})
    monkeypatch.setattr(pipeline.guard.attributes, "clean", lambda *_: 1 / 0)
    before = drops.snapshot().get(("metric", "guard_failed"), 0)
    assert pipeline.collect() is None
    assert drops.snapshot()["metric", "guard_failed"] == before + 1


def test_histograms_of_other_boundaries_lose_no_count():
    """Two histograms with different boundaries merge within those of the first; every measurement is counted."""

    def point(bounds: list[float], counts: list[int]) -> HistogramDataPoint:
        return HistogramDataPoint({}, 1, 2, sum(counts), 10.0, counts, bounds, 0.0, 9.0)

    merged = data_points.merged(point([1, 5], [1, 1, 1]), point([0.5, 2, 5], [1, 2, 4, 8]))
    assert list(merged.bucket_counts) == [2, 7, 9]
    assert merged.count == sum(merged.bucket_counts) == 18


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        (0.305123456, 0.305123),
        (305.123456, 305.123),
        (305123.456, 305123.46),
        (3051234.56, 3051234.6),
        (30512345.6, 30512346.0),
        (1234.56, 1234.56),
        (99999.99, 99999.99),
        (7, 7),
    ],
)
def test_a_fraction_is_cut_where_it_could_name_somebody(pipeline: Pipeline, measured: float, told: float):
    """A measured fraction leaves with six significant digits, or hundredths: never with nine digits."""
    with patches.restored():
        guard_measurements(MetricGuard(pipeline.guard))
        pipeline.meter.create_gauge("level").set(measured)
        pipeline.meter.create_histogram("took", explicit_bucket_boundaries_advisory=[measured]).record(measured)
        pipeline.meter.create_counter("paid").add(measured)
    [level] = pipeline.points("level").values()
    [took] = pipeline.points("took").values()
    [paid] = pipeline.points("paid").values()
    assert (level.value, paid.value) == (told, told)
    assert (took.sum, took.min, took.max, took.explicit_bounds) == (told, told, told, (told,))


def test_a_total_below_zero_is_judged_like_any_other(pipeline: Pipeline):
    """No process has inherited it."""
    guard = MetricGuard(pipeline.guard)
    rule = guard.rule("visits")
    assert rule is not None
    assert guard.own_total(rule, -1, {}) == -1
