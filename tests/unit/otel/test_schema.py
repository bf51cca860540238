"""Every field that an item of the SDK has, found by asking the SDK: a release that adds one is tested too."""

from __future__ import annotations

import contextlib
import inspect
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from pazpaz_otel.audit.walk import walk
from tests.unit.otel.writing import NAME, MetricSink, guard_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

NUMBER = 305123456
PLANTS: tuple[Any, ...] = (NAME, {NAME: NAME, "url.path": NAME}, (NAME,), NUMBER, float(NUMBER), f"{NUMBER}".encode())


@pytest.fixture(autouse=True)
def _guarded() -> None:
    guard_process()


TOTALS = {
    f"metric.{kind}.data_points.{field}"
    for kind in ("sum", "histogram")
    for field in ("as_int", "as_double", "count", "sum", "bucket_counts")
}
"""What many measurements add up to: the threat model says that totals have any number of digits."""


def _check(request: Message) -> None:
    for surface, value in (found for found in walk(request) if found[0] not in TOTALS):
        raw = value if isinstance(value, bytes) else value.encode()
        for held in (b"Dvora", str(NUMBER).encode(), NUMBER.to_bytes(4, "big")):
            assert held not in raw, surface


def _span(**changed: Any) -> ReadableSpan:
    context = trace.SpanContext(7, 9, is_remote=False)
    scope = InstrumentationScope("tests")
    return ReadableSpan(**{"name": "tidy", "context": context, "instrumentation_scope": scope, **changed})


@pytest.mark.parametrize("field", list(inspect.signature(ReadableSpan).parameters))
def test_no_field_of_a_span_carries_a_patient(field: str) -> None:
    """A span with a patient in any one of its constructor's arguments: nothing of it is in the encoded bytes."""
    for plant in PLANTS:
        exporter = InMemorySpanExporter()
        with contextlib.suppress(Exception):
            exporter.export([_span(**{field: plant})])
        _check(encode_spans(exporter.get_finished_spans()))


@pytest.mark.parametrize("field", [name for name in inspect.signature(LogRecord).parameters if name != "context"])
def test_no_field_of_a_log_record_carries_a_patient(field: str) -> None:
    """A record with a patient in any one of its constructor's arguments: nothing of it is in the encoded bytes."""
    for plant in PLANTS:
        exporter = InMemoryLogRecordExporter()
        with contextlib.suppress(Exception):
            record = LogRecord(**{"body": "tidy", field: plant})
            exporter.export([ReadableLogRecord(record, Resource({}), InstrumentationScope("tests"))])
        _check(encode_logs(exporter.get_finished_logs()))


def _planted(item: Any, plant: Any) -> Iterator[Any]:
    """Yield copies of a data class, each with the plant in another field, its own or one of an item that it holds."""
    for field in fields(item):
        yield replace(item, **{field.name: plant})
        value = getattr(item, field.name)
        held = value[0] if isinstance(value, (list, tuple)) and value else value
        if is_dataclass(held) and not isinstance(held, type):
            for changed in _planted(held, plant):
                yield replace(item, **{field.name: changed if held is value else [changed]})


@pytest.mark.parametrize("kind", ["counter", "histogram", "gauge", "up_down_counter"])
def test_no_field_of_a_metric_carries_a_patient(kind: str) -> None:
    """Metrics with a patient in any one field, at any depth: nothing of it is in the encoded bytes."""
    reader = InMemoryMetricReader()
    made = getattr(MeterProvider([reader]).get_meter("tests"), f"create_{kind}")("http.server.active_requests")
    for method in ("add", "record", "set"):
        with contextlib.suppress(AttributeError):
            getattr(made, method)(1, {"http.request.method": "GET"})
    data = reader.get_metrics_data()
    count = 0
    for plant in PLANTS:
        for changed in _planted(data, plant):
            sink = MetricSink()
            with contextlib.suppress(Exception):
                sink.export(changed)
            _check(ExportMetricsServiceRequest.FromString(sink.sent))
            count += 1
    assert count >= 15 * len(PLANTS)
