"""Metrics in batches: every point once, each request below the limit."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult, MetricsData
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource

from pazpaz_otel.otel import metric_batches

LIMIT = 20_000


def _collected(series: int, text: str = "workspace") -> MetricsData:
    reader = InMemoryMetricReader()
    views = [View(instrument_name="sizes", aggregation=ExponentialBucketHistogramAggregation())]
    provider = MeterProvider([reader], Resource({"service.name": "shop"}), views=views)
    for scope in ("one", "two"):
        meter = provider.get_meter(scope)
        counter = meter.create_counter(f"{scope}.events", description="How many.")
        for number in range(series):
            counter.add(number + 1, {"key": f"{text}-{number}", "flags": [True, False], "number": number})
    meter = provider.get_meter("three")
    durations, sizes = meter.create_histogram("durations", unit="s"), meter.create_histogram("sizes")
    for number in range(series):
        durations.record(number, {"key": number})
        sizes.record(2.0**number, {"key": number})
        sizes.record(1.0, {"key": number})
    data = reader.get_metrics_data()
    provider.shutdown()
    assert data is not None
    return data


def _points(data: MetricsData) -> list[tuple[Any, ...]]:
    return [
        (of_resource.resource, of_scope.scope, metric.name, metric.unit, type(metric.data), point)
        for of_resource in data.resource_metrics
        for of_scope in of_resource.scope_metrics
        for metric in of_scope.metrics
        for point in metric.data.data_points
    ]


@pytest.mark.parametrize("text", ["workspace", "ä𝕏" * 40], ids=["ASCII", "wide"])
def test_every_point_is_in_one_batch_below_the_limit(text: str) -> None:
    """However the points are distributed, each is sent once, under its own metric, scope and resource."""
    data = _collected(80, text)
    cut = list(metric_batches.split(data, LIMIT))
    assert [point for batch in cut for point in _points(batch)] == _points(data)
    sizes = [encode_metrics(batch).ByteSize() for batch in cut]
    assert max(sizes) <= LIMIT
    assert len(cut) > 1


def test_a_temporality_is_kept() -> None:
    """A batch's data say what the whole said of them."""
    whole = {
        metric.name: (type(metric.data), getattr(metric.data, "is_monotonic", None))
        for of_scope in _collected(80).resource_metrics[0].scope_metrics
        for metric in of_scope.metrics
    }
    for batch in metric_batches.split(_collected(80), LIMIT):
        for of_scope in batch.resource_metrics[0].scope_metrics:
            for metric in of_scope.metrics:
                assert (type(metric.data), getattr(metric.data, "is_monotonic", None)) == whole[metric.name]


def test_what_fits_is_sent_as_it_is() -> None:
    """An ordinary export stays one request."""
    data = _collected(3)
    assert list(metric_batches.split(data)) == [data]


def test_a_point_over_the_limit_goes_alone() -> None:
    """A point that no batch can hold takes no other along."""
    data = _collected(2, "w" * LIMIT)
    cut = list(metric_batches.split(data, LIMIT))
    assert [point for batch in cut for point in _points(batch)] == _points(data)
    assert sum(encode_metrics(batch).ByteSize() > LIMIT for batch in cut) == 4


def test_a_refused_batch_takes_no_other_along() -> None:
    """The others are sent all the same, and the export isn't a success."""
    sent = []

    def send(batch: MetricsData) -> MetricExportResult:
        sent.append(batch)
        return MetricExportResult.FAILURE if len(sent) == 1 else MetricExportResult.SUCCESS

    data = _collected(80)
    assert metric_batches.export(data, send, LIMIT) is MetricExportResult.FAILURE
    assert [point for batch in sent for point in _points(batch)] == _points(data)
