"""What one process has counted since its last merge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from pazpaz_otel.otel.ledger import points
from pazpaz_otel.redact.text import remember_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.metrics.export import Metric, MetricsData

_encode: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

Series = dict[str, Any]
"""Points by their attributes as JSON."""


class Batch:
    """Points by metric: those to be added, and those that replace this process's part."""

    def __init__(self) -> None:
        self.totals: dict[points.Described, Series] = {}
        self.parts: dict[points.Described, Series] = {}
        self.complete = False
        """Whether `parts` is complete, so that missing series no longer exist."""

    def __bool__(self) -> bool:
        return bool(self.totals or self.parts or self.complete)


class Intake:
    """Turn a reader's collections into batches."""

    def __init__(self, limit: Callable[[str], int]) -> None:
        self._limit = limit
        self._before: dict[tuple[points.MetricKey, str], Any] = {}
        self._zeros: set[tuple[points.MetricKey, str]] = set()
        self._written: dict[tuple[points.MetricKey, str], Any] = {}
        self.batch = Batch()

    def take(self, data: MetricsData, *, complete: bool) -> None:
        """Add a collection to the batch.

        Args:
            data: guarded metrics: deltas of counters and histograms, or totals, whose increase is computed.
            complete: whether the callbacks of observable instruments ran, too.
        """
        if complete:
            self.batch.complete = True
            self.batch.parts = {}
            self._written = {}
        for of_resource in data.resource_metrics:
            for of_scope in of_resource.scope_metrics:
                scope = of_scope.scope
                about = _encode([scope.name, scope.version or "", scope.schema_url or ""])
                for metric in of_scope.metrics:
                    self._metric(metric, about)

    def leave_out(self, data: MetricsData) -> None:
        """Add to the batches only what totals exceed these by."""
        self.take(data, complete=True)
        self.done()
        self._zeros.clear()
        self._written.clear()

    def done(self) -> None:
        """Start a new batch, because the last one is in the ledger."""
        self.batch = Batch()

    def _metric(self, metric: Metric, scope: str) -> None:
        kind = points.kind_of(metric.data)
        key = points.MetricKey(metric.name, kind, metric.unit or "")
        described = points.Described(key, metric.description or "", scope, self._limit(metric.name))
        additive = kind in points.ADDITIVE
        delta = points.is_delta(metric.data)
        series = (self.batch.totals if additive else self.batch.parts).setdefault(described, {})
        for point in metric.data.data_points:
            attributes = _encode(dict(point.attributes or {}))
            if additive:
                increase = point if delta else self._increase(key, attributes, point)
                self._add(series, key, attributes, increase)
            elif self._written.get((key, attributes)) != point.value:  # type: ignore[union-attr]
                self._written[key, attributes] = point.value  # type: ignore[union-attr]
                series[attributes] = point
        if not series:
            (self.batch.totals if additive else self.batch.parts).pop(described)

    def _increase(self, key: points.MetricKey, attributes: str, point: Any) -> Any:
        before = self._before.get((key, attributes))
        self._before[key, attributes] = point
        return points.since(point, before)

    def _add(self, series: Series, key: points.MetricKey, attributes: str, point: Any) -> None:
        if points.is_empty(point):
            # Shown once, so that there is a zero before the first count.
            if (key, attributes) in self._zeros:
                return
            self._zeros.add((key, attributes))
        series[attributes] = points.add(series[attributes], point) if attributes in series else point


def scope_of(text: str) -> InstrumentationScope:
    """Return the scope of a `Described`."""
    name, version, schema_url = json.loads(text)
    # The worker that merged it has proven it. A supervisor, which has no application's source, would search for it in
    # each of its turns to send, and rest for as long as that search suggests.
    for proven in (name, version):
        remember_name(proven)
    return InstrumentationScope(name, version, schema_url)
