"""What arrived of the sums: the latest point of each series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.integration.instrumented import attributes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.programs import HttpSink

DURATION = "http.server.request.duration"


def latest(sink: HttpSink, name: str) -> dict[tuple[str, tuple[tuple[str, Any], ...]], Any]:
    """The newest point of each series of a metric, by instance and attributes."""
    found: dict[Any, Any] = {}
    for resource, metric in _metrics(sink):
        if metric.name != name:
            continue
        for point in getattr(metric, metric.WhichOneof("data")).data_points:
            key = resource.get("service.instance.id", ""), tuple(sorted(attributes(point).items()))
            if key not in found or found[key].time_unix_nano <= point.time_unix_nano:
                found[key] = point
    return found


def values(sink: HttpSink, name: str) -> list[float]:
    """Every value that arrived of a metric."""
    points = (
        point
        for _, metric in _metrics(sink)
        if metric.name == name
        for point in getattr(metric, metric.WhichOneof("data")).data_points
    )
    return [point.as_int or point.as_double for point in points]


def requests_counted(sink: HttpSink) -> int:
    """The requests of all series."""
    return sum(point.count for point in latest(sink, DURATION).values())


def instances(sink: HttpSink) -> set[str]:
    """The instances that sent metrics."""
    return {str(resource["service.instance.id"]) for resource, _ in _metrics(sink)}


def _metrics(sink: HttpSink) -> Iterator[tuple[dict[str, Any], Any]]:
    for message in sink.messages(ExportMetricsServiceRequest):
        for of_resource in message.resource_metrics:
            resource = attributes(of_resource.resource)
            for of_scope in of_resource.scope_metrics:
                for metric in of_scope.metrics:
                    yield resource, metric
