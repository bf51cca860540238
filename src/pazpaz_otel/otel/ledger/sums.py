"""The ledger's content as OpenTelemetry metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.metrics.export import Metric, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import Resource

from pazpaz_otel.otel.ledger import points
from pazpaz_otel.otel.ledger.batch import scope_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_INSTANCE: Final = "service.instance.id"
_OF_ONE_PROCESS: Final = ("process.", "thread.")
_RUNTIME: Final = "process.runtime."


def metrics_data(
    resource: Resource, identity: str, metrics: Iterable[tuple[points.Described, list[Any]]]
) -> MetricsData:
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
    shared = Resource(
        {
            key: value
            for key, value in resource.attributes.items()
            if key.startswith(_RUNTIME) or not key.startswith(_OF_ONE_PROCESS)
        }
        | {_INSTANCE: identity},
        resource.schema_url,
    )
    return MetricsData(
        [
            ResourceMetrics(
                shared,
                [ScopeMetrics(scope, found, scope.schema_url or "") for scope, found in scopes],
                shared.schema_url,
            )
        ]
    )
