"""Turn the ledger's rows into points, and these into OpenTelemetry metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from opentelemetry.sdk.metrics.export import Metric, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import Resource

from pazpaz_otel.otel.ledger import points
from pazpaz_otel.otel.ledger.batch import scope_of

Row = tuple[Any, ...]
Summed = tuple[points.Described, list[Any]]
"""A metric with its points."""

_INSTANCE: Final = "service.instance.id"
_OF_ONE_PROCESS: Final = ("process.", "thread.")
_RUNTIME: Final = "process.runtime."


def read(  # noqa: PLR0913, PLR0917 - three tables, and what time they are read by
    metrics: Iterable[Row],
    totals: Iterable[Row],
    parts: Iterable[Row],
    living: set[str],
    now: int,
    held: tuple[int, int],
) -> list[Summed]:
    """Return every metric with its points.

    Args:
        metrics: number, name, kind, unit, description and scope of each metric.
        totals: metric, attributes, birth and point of each additive series.
        parts: metric, attributes, process and point of each part of the other series, oldest first.
        living: the running processes.
        now: the points' time, in nanoseconds.
        held: series born between these two times are shown as zero.
    """
    totals_of, parts_of = _by_metric(totals), _by_metric(parts)
    found = []
    for number, name, kind, unit, description, scope in metrics:
        if kind in points.ADDITIVE:
            series = _totals(totals_of[number], kind, now, held)
        else:
            series = _sums(parts_of[number], kind, now, living)
        if series:
            found.append((points.Described(points.MetricKey(name, kind, unit), description, scope), series))
    return found


def _by_metric(rows: Iterable[tuple[Any, ...]]) -> defaultdict[int, list[tuple[Any, ...]]]:
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for number, *fields in rows:
        found[number].append(tuple(fields))
    return found


def _totals(rows: list[tuple[Any, ...]], kind: points.Kind, now: int, held: tuple[int, int]) -> list[Any]:
    found = []
    for attributes, birth, text in rows:
        point = points.decode(kind, text, _attributes(attributes), birth, now)
        # A birth in the future means that the clock was set back since.
        found.append(points.as_zero(point) if held[0] < birth <= held[1] else point)
    return found


def _sums(rows: list[tuple[Any, ...]], kind: points.Kind, now: int, living: set[str]) -> list[Any]:
    series: dict[str, Any] = {}
    alive: set[str] = set()
    for attributes, process, text in rows:
        point = points.decode(kind, text, _attributes(attributes), 0, now)
        if kind == "up_down":
            series[attributes] = points.add(series[attributes], point) if attributes in series else point
        elif process in living or attributes not in alive:
            # Take the last value of a living process, or else of an ended one.
            series[attributes] = point
            if process in living:
                alive.add(attributes)
    return list(series.values())


def _attributes(text: str) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in points.parse(text)[0].items()}


def metrics_data(resource: Resource, identity: str, metrics: Iterable[Summed]) -> MetricsData:
    """Return the sums as one resource's metrics.

    Args:
        resource: the exporting process's resource; attributes of a single process are removed.
        identity: the ledger's identity.
        metrics: each metric with its points.
    """
    by_scope: dict[str, list[Metric]] = {}
    for described, series in metrics:
        data = points.data_of(described.key.kind, series)
        metric = Metric(described.key.name, described.description, described.key.unit, data)
        by_scope.setdefault(described.scope, []).append(metric)
    scopes = [(scope_of(text), found) for text, found in by_scope.items()]
    of_all = {
        key: value
        for key, value in resource.attributes.items()
        if key.startswith(_RUNTIME) or not key.startswith(_OF_ONE_PROCESS)
    }
    shared = Resource({**of_all, _INSTANCE: identity}, resource.schema_url)
    parts = [ScopeMetrics(scope, found, scope.schema_url or "") for scope, found in scopes]
    return MetricsData([ResourceMetrics(shared, parts, shared.schema_url)])
