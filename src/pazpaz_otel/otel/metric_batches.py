"""Split metrics into batches that a Collector accepts: it rejects a request over its limit as a whole, every time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from opentelemetry.sdk.metrics.export import Metric, MetricExportResult, MetricsData, ResourceMetrics, ScopeMetrics

from pazpaz_otel.redact.data_points import points_in, with_points

LIMIT: Final = 3 * 1024 * 1024
"""The maximum size of a request in bytes: gRPC servers accept 4 MiB by default, and so do our Collectors."""
_PATIENCE: Final = 5.0
"""Seconds after which a failure ends the export: the endpoint is down, and the other batches would wait as long."""
_POINT_OVERHEAD: Final = 64
_FIELD_OVERHEAD: Final = 16
_NUMBER: Final = 10
"""The maximum size of an encoded number, in bytes."""
_EXEMPLAR_OVERHEAD: Final = 64


def export(data: MetricsData, send: Callable[[MetricsData], Any], limit: int = LIMIT) -> Any:
    """Send each batch, and return the last result that isn't success.

    Args:
        data: the metrics to export.
        send: exports one batch.
        limit: the maximum size of a batch, in bytes.
    """
    started = time.monotonic()
    result = MetricExportResult.SUCCESS
    for batch in split(data, limit):
        sent = send(batch)
        if sent is not MetricExportResult.SUCCESS:
            # A batch that is rejected at once says nothing about the others.
            result = sent
            if time.monotonic() - started > _PATIENCE:
                break
    return result


def split(data: MetricsData, limit: int = LIMIT) -> Iterator[MetricsData]:
    """Yield the same points in order, in as few batches below the limit as possible.

    Args:
        data: metrics of any type.
        limit: the maximum encoded size of a batch in bytes, unless it is a single point.
    """
    if sum(map(size_of, points_in(data))) + sum(map(_head, data.resource_metrics)) <= limit:
        yield data
    else:
        yield from _cut(data, limit)


def size_of(point: Any) -> int:
    """Return the maximum encoded size of a data point, in bytes."""
    size = _POINT_OVERHEAD + _attributes(point.attributes)
    for side in (point, getattr(point, "positive", None), getattr(point, "negative", None)):
        size += _NUMBER * len(getattr(side, "bucket_counts", None) or ())
    size += _NUMBER * len(getattr(point, "explicit_bounds", None) or ())
    for exemplar in point.exemplars or ():
        size += _EXEMPLAR_OVERHEAD + _attributes(exemplar.filtered_attributes)
    return size


def _cut(data: MetricsData, limit: int) -> Iterator[MetricsData]:
    for of_resource in data.resource_metrics:
        head = _head(of_resource)
        taken: list[tuple[ScopeMetrics, Metric, list[Any]]] = []
        size = head
        for of_scope in of_resource.scope_metrics:
            for metric in of_scope.metrics:
                taken.append((of_scope, metric, []))
                for point in metric.data.data_points:
                    more = size_of(point)
                    if size + more > limit and any(points for _, _, points in taken):
                        yield _batch(of_resource, taken)
                        taken, size = [(of_scope, metric, [])], head
                    taken[-1][2].append(point)
                    size += more
        if any(points for _, _, points in taken):
            yield _batch(of_resource, taken)


def _batch(of_resource: ResourceMetrics, taken: list[tuple[ScopeMetrics, Metric, list[Any]]]) -> MetricsData:
    scopes: dict[int, tuple[ScopeMetrics, list[Metric]]] = {}
    for of_scope, metric, points in taken:
        if points:
            part = Metric(metric.name, metric.description, metric.unit, with_points(metric.data, points))
            scopes.setdefault(id(of_scope), (of_scope, []))[1].append(part)
    parts = [ScopeMetrics(scope.scope, metrics, scope.schema_url) for scope, metrics in scopes.values()]
    return MetricsData([ResourceMetrics(of_resource.resource, parts, of_resource.schema_url)])


def _head(of_resource: ResourceMetrics) -> int:
    size = _POINT_OVERHEAD + _attributes(of_resource.resource.attributes) + _text(of_resource.schema_url)
    for of_scope in of_resource.scope_metrics:
        scope = of_scope.scope
        size += _POINT_OVERHEAD + _text(scope.name) + _text(scope.version) + 2 * _text(of_scope.schema_url)
        size += _attributes(scope.attributes)
        for metric in of_scope.metrics:
            size += _POINT_OVERHEAD + _text(metric.name) + _text(metric.description) + _text(metric.unit)
    return size


def _attributes(attributes: Mapping[str, Any] | None) -> int:
    return sum(_text(key) + _value(value) for key, value in (attributes or {}).items())


def _value(value: Any) -> int:
    if isinstance(value, str | bytes):
        return _text(value)
    if isinstance(value, list | tuple):
        return _FIELD_OVERHEAD + sum(map(_value, value))
    return _FIELD_OVERHEAD + _NUMBER


def _text(text: str | bytes | None) -> int:
    if not text:
        return _FIELD_OVERHEAD
    return _FIELD_OVERHEAD + (len(text) if text.isascii() else 4 * len(text))
