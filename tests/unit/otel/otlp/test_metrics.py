"""The hand-written encoder of metrics against the SDK's, on whatever an application may record."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from pazpaz_otel.otel.otlp import metrics
from pazpaz_otel.redact import data_points

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
schemas = st.sampled_from(["", "https://opentelemetry.io/schemas/1.37.0"])
integers, counts = st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**64 - 1)
doubles = st.floats(allow_nan=False)
numbers = st.one_of(integers, doubles)
scalars = st.one_of(texts, st.booleans(), numbers, st.lists(texts, max_size=2).map(tuple))
attributes = st.dictionaries(texts, scalars, max_size=3)
times = st.integers(0, 2**64 - 1)
exemplars = st.lists(
    st.builds(
        Exemplar,
        attributes,
        numbers,
        times,
        st.one_of(st.none(), st.integers(0, 2**64 - 1)),
        st.one_of(st.none(), st.integers(0, 2**128 - 1)),
    ),
    max_size=2,
)
sides = st.builds(data_points.buckets, st.integers(-(2**31), 2**31 - 1), st.lists(counts, max_size=3))
temporalities = st.sampled_from([AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE])
number_points = st.builds(
    NumberDataPoint,
    attributes=attributes,
    start_time_unix_nano=st.one_of(st.none(), times),
    time_unix_nano=times,
    value=numbers,
    exemplars=exemplars,
)
common: dict[str, Any] = {
    "attributes": attributes,
    "start_time_unix_nano": times,
    "time_unix_nano": times,
    "count": counts,
    "sum": numbers,
    "min": numbers,
    "max": numbers,
    "exemplars": exemplars,
}
histogram_points = st.builds(
    HistogramDataPoint,
    bucket_counts=st.lists(counts, max_size=4),
    explicit_bounds=st.lists(numbers, max_size=3),
    **common,
)
exponential_points = st.builds(
    ExponentialHistogramDataPoint,
    scale=st.integers(-10, 20),
    zero_count=counts,
    positive=sides,
    negative=sides,
    flags=st.integers(0, 2**32 - 1),
    **common,
)
data = st.one_of(
    st.builds(Gauge, st.lists(number_points, max_size=2)),
    st.builds(Sum, st.lists(number_points, max_size=2), temporalities, st.booleans()),
    st.builds(Histogram, st.lists(histogram_points, max_size=2), temporalities),
    st.builds(ExponentialHistogram, st.lists(exponential_points, max_size=2), temporalities),
)
scopes = st.builds(
    ScopeMetrics,
    st.builds(InstrumentationScope, texts, texts, schemas, st.one_of(st.none(), attributes)),
    st.lists(st.builds(Metric, texts, st.one_of(st.none(), texts), st.one_of(st.none(), texts), data), min_size=1),
    schemas,
)
resources = st.builds(
    ResourceMetrics,
    st.builds(Resource, st.dictionaries(texts, texts, max_size=2), schemas),
    st.lists(scopes, min_size=1, max_size=2, unique_by=lambda of_scope: of_scope.scope),
    schemas,
)
collections = st.builds(
    MetricsData, st.lists(resources, max_size=2, unique_by=lambda of_resource: of_resource.resource)
)


@given(collections)
def test_every_field_is_what_the_sdk_writes(collected: MetricsData):
    """Metrics of every type decode to the same request as the SDK's encoder makes of them."""
    assert ExportMetricsServiceRequest.FromString(metrics.encode(collected)) == encode_metrics(collected)
