"""The classes of protocol buffers, imported only where something uses them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.exporter.otlp.proto.http import metric_exporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult, MetricsData

from pazpaz_otel import patches
from pazpaz_otel.otel.otlp import message_classes, metrics

if TYPE_CHECKING:
    from tests.programs import HttpSink


@pytest.fixture
def collected() -> MetricsData:
    reader = InMemoryMetricReader()
    counter = MeterProvider([reader]).get_meter("tests").create_counter("visits")
    for number in range(3):
        counter.add(1, {"number": number})
    data = reader.get_metrics_data()
    assert data is not None
    return data


def _executed_anew(name: str) -> ModuleType:
    spec = message_classes._Finder().find_spec(name, import_module(name.rpartition(".")[0]).__path__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _points(sink: HttpSink) -> list[int]:
    requests = [ExportMetricsServiceRequest.FromString(received.body) for received in sink.received]
    return [
        len(metric.sum.data_points)
        for request in requests
        for of_resource in request.resource_metrics
        for of_scope in of_resource.scope_metrics
        for metric in of_scope.metrics
    ]


def test_an_exporter_uses_them_where_nobody_encodes_for_it(otlp_http_sink: HttpSink, collected: MetricsData):
    """An exporter whose imports were deferred sends what the SDK's encoder makes, in batches if it is told to."""
    module: Any = _executed_anew("opentelemetry.exporter.otlp.proto.http.metric_exporter")
    assert isinstance(module.encode_metrics, message_classes.StandIn)
    exporter = module.OTLPMetricExporter(f"{otlp_http_sink.endpoint}/v1/metrics", max_export_batch_size=2)
    assert exporter.export(collected) is MetricExportResult.SUCCESS
    assert _points(otlp_http_sink) == [2, 1]


def test_an_exporter_that_needs_one_at_once_gets_it():
    """If a module can't be executed with stand-ins, it is executed again with the real ones."""
    made = ModuleType("exporter")
    code = """
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
name = encode_spans.__name__
"""
    message_classes._execute(lambda module: exec(code, vars(module)), made)
    assert vars(made)["name"] == "encode_spans"


def test_later_imports_are_real():
    """Once the module is there, an import in one of its functions returns what is asked for."""
    made = ModuleType("exporter")
    code = """
def late():
    from opentelemetry.proto.metrics.v1 import metrics_pb2
    return metrics_pb2
"""
    message_classes._execute(lambda module: exec(code, vars(module)), made)
    assert made.late() is sys.modules["opentelemetry.proto.metrics.v1.metrics_pb2"]


def test_other_modules_are_found_as_always():
    """No other module's import changes, not even a neighbour's."""
    finder = message_classes._Finder()
    assert finder.find_spec("opentelemetry.exporter.otlp.proto.grpc.trace_exporter", None) is None
    assert finder.find_spec("opentelemetry.proto.common.v1.common_pb2", None) is None


def test_what_is_encoded_here_is_counted_and_cut_alike(otlp_http_sink: HttpSink, collected: MetricsData):
    """The exporter counts the points of a request that it didn't encode, and cuts it where it is told to."""
    with patches.restored():
        metrics.install()
        request = metric_exporter.encode_metrics(collected)
        assert isinstance(request, metrics.MetricsBody)
        assert metric_exporter._count_data_points(request) == 3
        url = f"{otlp_http_sink.endpoint}/v1/metrics"
        for exporter in (
            metric_exporter.OTLPMetricExporter(url),
            metric_exporter.OTLPMetricExporter(url, max_export_batch_size=2),
        ):
            assert exporter.export(collected) is MetricExportResult.SUCCESS
    assert _points(otlp_http_sink) == [3, 2, 1]
