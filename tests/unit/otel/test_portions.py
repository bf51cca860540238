"""Metrics in portions: every point once, each request below the limit."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult, MetricsData
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource

from pazpaz_otel.otel import portions

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
def test_every_point_is_in_one_portion_below_the_limit(text: str) -> None:
    """However the points are distributed, each is sent once, under its own metric, scope and resource."""
    data = _collected(80, text)
    cut = list(portions.portions(data, LIMIT))
    assert [point for portion in cut for point in _points(portion)] == _points(data)
    sizes = [encode_metrics(portion).ByteSize() for portion in cut]
    assert max(sizes) <= LIMIT
    assert len(cut) > 1


def test_a_temporality_is_kept() -> None:
    """A portion's data say what the whole said of them."""
    whole = {
        metric.name: (type(metric.data), getattr(metric.data, "is_monotonic", None))
        for of_scope in _collected(80).resource_metrics[0].scope_metrics
        for metric in of_scope.metrics
    }
    for portion in portions.portions(_collected(80), LIMIT):
        for of_scope in portion.resource_metrics[0].scope_metrics:
            for metric in of_scope.metrics:
                assert (type(metric.data), getattr(metric.data, "is_monotonic", None)) == whole[metric.name]


def test_what_fits_is_sent_as_it_is() -> None:
    """An ordinary export stays one request."""
    data = _collected(3)
    assert list(portions.portions(data)) == [data]


def test_a_point_over_the_limit_goes_alone() -> None:
    """A point that no portion can hold takes no other along."""
    data = _collected(2, "w" * LIMIT)
    cut = list(portions.portions(data, LIMIT))
    assert [point for portion in cut for point in _points(portion)] == _points(data)
    assert sum(encode_metrics(portion).ByteSize() > LIMIT for portion in cut) == 4


def test_a_refused_portion_takes_no_other_along() -> None:
    """The others are sent all the same, and the export isn't a success."""
    sent = []

    def send(portion: MetricsData) -> MetricExportResult:
        sent.append(portion)
        return MetricExportResult.FAILURE if len(sent) == 1 else MetricExportResult.SUCCESS

    data = _collected(80)
    assert portions.export(data, send, LIMIT) is MetricExportResult.FAILURE
    assert [point for portion in sent for point in _points(portion)] == _points(data)
