"""OTLP requests that are in order, and the same ones with one thing planted: in every field that the protocol has.

The fields are found by the messages' descriptors, not by a list: a release of the protocol that adds one is tested too.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.message import Message

WORKSPACE = "0c9f5c1e-5b0e-4a5e-9d8e-0123456789ab"
TRACE_ID = bytes.fromhex("0af7651916cd43dd8448eb211c80319c")
SPAN_ID = bytes.fromhex("b7ad6b7169203331")
RESOURCE = {"service.name": "practice-api", "service.instance.id": "8c2f7a64-52d4-4b5f-8f58-6f3f3f2f9d11"}
SPAN = {
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "http.route": "/api/v1/clients/{client_id}",
    "workspace.id": WORKSPACE,
    "otel.metric.overflow": True,
    "db.query.text": "SELECT id FROM clients WHERE name = ?",
}

_NOT_TEXT = ("_unix_nano", "trace_id", "span_id")
_VALUES = {"as_int", "as_double", "count", "sum", "min", "max", "bucket_counts", "explicit_bounds", "zero_count",
           "zero_threshold", "quantile", "scale", "offset"}  # fmt: skip
_DEPTH = 12


def key_values(attributes: Mapping[str, Any]) -> list[KeyValue]:
    """Attributes as OTLP has them."""
    pairs = []
    for key, value in attributes.items():
        pair = KeyValue(key=key)
        field = {bool: "bool_value", int: "int_value", float: "double_value", bytes: "bytes_value"}.get(type(value))
        setattr(pair.value, field or "string_value", value)
        pairs.append(pair)
    return pairs


def traces(**resource: Any) -> ExportTraceServiceRequest:
    """One span in order, with an event."""
    now = time.time_ns()
    request = ExportTraceServiceRequest()
    enclosing = request.resource_spans.add()
    enclosing.resource.attributes.extend(key_values({**RESOURCE, **resource}))
    scoped = enclosing.scope_spans.add()
    scoped.scope.name, scoped.scope.version = "opentelemetry.instrumentation.fastapi", "0.66b1"
    span = scoped.spans.add(
        trace_id=TRACE_ID, span_id=SPAN_ID, name="GET /api/v1/clients/{client_id}", kind=2, flags=0x101,
        start_time_unix_nano=now - 10**7, end_time_unix_nano=now,
    )  # fmt: skip
    span.attributes.extend(key_values(SPAN))
    span.status.code = 2
    event = span.events.add(name="exception", time_unix_nano=now)
    event.attributes.extend(key_values({"exception.type": "ValueError", "exception.escaped": "False"}))
    return request


def logs() -> ExportLogsServiceRequest:
    """One log record in order."""
    now = time.time_ns()
    request = ExportLogsServiceRequest()
    enclosing = request.resource_logs.add()
    enclosing.resource.attributes.extend(key_values(RESOURCE))
    scoped = enclosing.scope_logs.add()
    scoped.scope.name = "practice_api.clients"
    record = scoped.log_records.add(
        time_unix_nano=now, observed_time_unix_nano=now, severity_number=9, severity_text="INFO", flags=1,
        trace_id=TRACE_ID, span_id=SPAN_ID, event_name="note_saved",
    )  # fmt: skip
    record.body.string_value = "note saved for %s"
    record.attributes.extend(key_values({"workspace.id": WORKSPACE, "duration_ms": 12.5}))
    return request


def metrics() -> ExportMetricsServiceRequest:
    """A counter, a gauge and a histogram in order."""
    now = time.time_ns()
    times = {"start_time_unix_nano": now - 10**10, "time_unix_nano": now}
    request = ExportMetricsServiceRequest()
    enclosing = request.resource_metrics.add()
    enclosing.resource.attributes.extend(key_values(RESOURCE))
    scoped = enclosing.scope_metrics.add()
    scoped.scope.name = "pazpaz_otel"
    counter = scoped.metrics.add(name="appointments.created", unit="{appointment}", description="Appointments created.")
    counter.sum.aggregation_temporality, counter.sum.is_monotonic = 2, True
    point = counter.sum.data_points.add(as_int=5, **times)
    point.attributes.extend(key_values({"workspace.id": WORKSPACE}))
    gauge = scoped.metrics.add(name="active_workspaces_24h")
    gauge.gauge.data_points.add(as_int=7, **times)
    histogram = scoped.metrics.add(name="http.server.request.duration", unit="s")
    histogram.histogram.aggregation_temporality = 2
    for status, count in ((200, 3), (404, 1)):
        point = histogram.histogram.data_points.add(
            count=count, sum=0.01 * count, bucket_counts=[count, 0], explicit_bounds=[0.1], **times
        )
        point.attributes.extend(
            key_values({"http.request.method": "GET", "http.route": "/api/v1/clients/{client_id}",
                        "http.response.status_code": status, "network.protocol.version": "1.1"})
        )  # fmt: skip
    return request


def surfaces(kind: type[Message]) -> Iterator[tuple[str, bool]]:
    """The path of every field of a request that can carry text or somebody's number, and whether it takes text."""
    yield from _surfaces(kind.DESCRIPTOR, (), ())


def plant(request: Message, surface: str, value: str) -> None:
    """Put `value` into the field at `surface`, in the first item that has it, adding items where there are none."""
    *way, last = surface.split(".")
    message: Any = request
    for step in way:
        field = message.DESCRIPTOR.fields_by_name[step]
        child = getattr(message, step)
        if field.is_repeated:
            child = child[0] if len(child) else child.add()
        else:
            child.SetInParent()
        message = child
    field = message.DESCRIPTOR.fields_by_name[last]
    planted: Any = value
    if field.type == FieldDescriptor.TYPE_BYTES:
        planted = value.encode()
    elif field.type != FieldDescriptor.TYPE_STRING:
        number = int(value)
        signed_32 = field.type in {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_ENUM}
        planted = min(number, 2**31 - 1) if signed_32 else number
    if field.is_repeated:
        getattr(message, last).append(planted)
    else:
        setattr(message, last, planted)


def _surfaces(descriptor: Any, way: tuple[str, ...], inside: tuple[Any, ...]) -> Iterator[tuple[str, bool]]:
    if inside.count(descriptor) > 1 or len(way) > _DEPTH:
        return
    for field in descriptor.fields:
        here = (*way, field.name)
        if field.name.endswith(_NOT_TEXT) or field.name in _VALUES:
            continue
        if field.message_type is not None:
            yield from _surfaces(field.message_type, here, (*inside, descriptor))
        elif field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}:
            yield ".".join(here), True
        elif field.type != FieldDescriptor.TYPE_BOOL:
            yield ".".join(here), False
