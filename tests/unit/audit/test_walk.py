"""The texts of an OTLP request."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator


def _fill(message: Any, marks: list[str], depth: int = 0) -> None:
    descriptor: Descriptor = message.DESCRIPTOR
    for field in descriptor.fields:
        oneof = field.containing_oneof
        if oneof is not None and message.WhichOneof(oneof.name) and field.name != "string_value":
            continue
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            if depth > 12 or field.message_type.name in {"ArrayValue", "KeyValueList"}:
                continue
            child = getattr(message, field.name)
            _fill(child.add() if field.is_repeated else child, marks, depth + 1)
        elif field.type == FieldDescriptor.TYPE_STRING:
            mark = f"mark{len(marks)}"
            marks.append(mark)
            if field.is_repeated:
                getattr(message, field.name).append(mark)
            else:
                setattr(message, field.name, mark)


@pytest.mark.parametrize(
    "request_type", [ExportTraceServiceRequest, ExportLogsServiceRequest, ExportMetricsServiceRequest]
)
def test_every_text_of_a_request_is_seen(request_type: Any) -> None:
    """No text field of the protocol escapes the search, also not one that is in no list of ours."""
    request = request_type()
    marks: list[str] = []
    _fill(request, marks)
    seen = {value for _, value in walk(request)}
    assert len(marks) > 10
    assert set(marks) - seen <= {mark for mark in marks if mark.encode() not in request.SerializeToString()}


def test_unknown_fields_are_seen() -> None:
    """A field that the installed protocol doesn't know yet is searched as bytes."""
    request = ExportTraceServiceRequest()
    request.ParseFromString(b"\xfa\x07\x05hello")
    assert [(where.lstrip("."), value) for where, value in walk(request)] == [("(unknown field)", b"hello")]


def test_numbers_are_read_as_people_write_them() -> None:
    """An identity number recorded as a number is found as its digits."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add()
    metric.gauge.data_points.add(as_int=888742814)
    metric.gauge.data_points.add(as_double=888742814.0)
    assert [value for where, value in walk(request) if "as_" in where] == ["888742814", "888742814"]


class _Old(Message):
    """A message as protobuf 5 has it, whose descriptors don't tell what is repeated."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def ListFields(self) -> Iterator[tuple[Any, Any]]:  # noqa: N802 - the base class's name
        for field, value in self._message.ListFields():
            old = SimpleNamespace(name=field.name)
            if field.message_type is None:
                yield old, value
            else:
                yield old, list(map(_Old, value)) if field.is_repeated else _Old(value)


def test_an_older_protobuf_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk needs nothing of the descriptors that only newer releases have."""
    request = ExportTraceServiceRequest()
    _fill(request, [])
    seen = list(walk(request))
    monkeypatch.setattr("pazpaz_otel.audit.walk.UnknownFieldSet", lambda _: ())
    assert list(walk(_Old(request))) == seen
