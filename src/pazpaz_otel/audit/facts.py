"""Reduce an OTLP request to comparable facts: surface, key, and value as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.excerpt import of_source
from pazpaz_otel.policy import load_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.protobuf.message import Message
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Fact = tuple[str, str, str]
"""A surface, a key (empty if the surface has none) and the value as text."""
_CONVERTER: Final = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")
_OVERFLOW: Final = "otel.metric.overflow"


def facts_of(message: Message | None) -> Iterator[Fact]:
    """Yield the facts in an OTLP request."""
    if isinstance(message, ExportTraceServiceRequest):
        yield from _traces(message)
    elif isinstance(message, ExportLogsServiceRequest):
        yield from _logs(message)
    elif isinstance(message, ExportMetricsServiceRequest):
        yield from _metrics(message)


def in_braces(fact: Fact) -> Fact:
    """Return a fact with the parameters of Flask's and Django's routes as OpenAPI writes them: ``{name}``."""
    surface, key, text = fact
    return surface, key, _CONVERTER.sub(r"{\1}", text)


def held_back(messages: Iterable[Message | None]) -> list[dict[str, Any]]:
    """Return the last count of what a process's guards dropped, by surface and reason."""
    counts: dict[tuple[str, str], int] = {}
    for metric in _metrics_of(messages):
        if metric.name == "pazpaz_otel.guard.dropped":
            for point in metric.sum.data_points:
                names = {pair.key.rpartition(".")[2]: pair.value.string_value for pair in point.attributes}
                counts[names.get("surface", ""), names.get("reason", "")] = int(point.as_int)
    return [{"surface": surface, "reason": reason, "count": n} for (surface, reason), n in sorted(counts.items())]


def overflowed(messages: Iterable[Message | None]) -> list[str]:
    """Return the metrics with an overflow series, which received attributes or series beyond their declaration."""
    standard = " ".join(load_policy(None).metrics)
    found = {
        of_source(metric.name, besides=standard)
        for metric in _metrics_of(messages)
        for point in getattr(metric, metric.WhichOneof("data") or "sum").data_points
        if any(pair.key == _OVERFLOW for pair in point.attributes)
    }
    return sorted(found)


def _metrics_of(messages: Iterable[Message | None]) -> Iterator[Any]:
    for message in messages:
        if isinstance(message, ExportMetricsServiceRequest):
            yield from (m for r in message.resource_metrics for s in r.scope_metrics for m in s.metrics)


def value_text(value: AnyValue) -> str:
    """Return an attribute's value as text: numbers in decimal, booleans in lower case, lists with commas."""
    which = value.WhichOneof("value")
    if which == "array_value":
        return ",".join(value_text(one) for one in value.array_value.values)
    if which == "kvlist_value":
        return ",".join(f"{one.key}={value_text(one.value)}" for one in value.kvlist_value.values)
    one = getattr(value, which) if which else ""
    if isinstance(one, bool):
        return str(one).lower()
    return f"{one:.15g}" if isinstance(one, (int, float)) else str(one)


def _attributes(surface: str, attributes: Iterable[KeyValue]) -> Iterator[Fact]:
    for one in attributes:
        yield surface, one.key, value_text(one.value)


def _traces(message: ExportTraceServiceRequest) -> Iterator[Fact]:
    for resource in message.resource_spans:
        yield from _attributes("resource.attribute", resource.resource.attributes)
        for scope in resource.scope_spans:
            yield "span.scope.name", "", scope.scope.name
            for span in scope.spans:
                yield "span.name", "", span.name
                yield "span.status", "", str(span.status.code)
                yield from _attributes("span.attribute", span.attributes)
                for event in span.events:
                    yield "span.event.name", "", event.name
                    yield from _attributes("span.event.attribute", event.attributes)
                for link in span.links:
                    yield from _attributes("span.link.attribute", link.attributes)


def _logs(message: ExportLogsServiceRequest) -> Iterator[Fact]:
    for resource in message.resource_logs:
        for scope in resource.scope_logs:
            yield "log.scope.name", "", scope.scope.name
            for record in scope.log_records:
                yield "log.body", "", value_text(record.body)
                yield "log.severity", "", record.severity_text
                yield from _attributes("log.attribute", record.attributes)


def _metrics(message: ExportMetricsServiceRequest) -> Iterator[Fact]:
    for resource in message.resource_metrics:
        for scope in resource.scope_metrics:
            yield "metric.scope.name", "", scope.scope.name
            for metric in scope.metrics:
                yield "metric.name", "", metric.name
                kind = metric.WhichOneof("data")
                for point in getattr(metric, kind).data_points if kind else ():
                    yield from _attributes(f"metric.attribute {metric.name}", point.attributes)
