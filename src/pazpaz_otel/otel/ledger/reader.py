"""The SDK's side of the ledger: a reader that collects what was counted since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk.metrics import (
    Counter,
    Histogram,
    ObservableCounter,
    ObservableGauge,
    ObservableUpDownCounter,
    UpDownCounter,
)
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, MetricsData

from pazpaz_otel.otel import measurements

if TYPE_CHECKING:
    from collections.abc import Callable

_TEMPORALITY: Final[dict[type, AggregationTemporality]] = {
    **dict.fromkeys((Counter, Histogram), AggregationTemporality.DELTA),
    **dict.fromkeys(
        (ObservableCounter, UpDownCounter, ObservableUpDownCounter, ObservableGauge), AggregationTemporality.CUMULATIVE
    ),
}


class LedgerReader(MetricReader):
    """Pass each collection to `take`.

    Args:
        take: receives guarded metrics, and whether callbacks ran.
        flush: merges and sends at once.
        close: merges for the last time.
        preferred_aggregation: the exporter's preference.
    """

    def __init__(
        self,
        take: Callable[[MetricsData, bool], None],
        flush: Callable[[float], bool],
        close: Callable[[float], None],
        preferred_aggregation: dict[type, Any] | None = None,
    ) -> None:
        super().__init__(preferred_temporality=_TEMPORALITY, preferred_aggregation=preferred_aggregation)
        self._take = take
        self._flush = flush
        self._close = close

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **_: Any) -> None:
        del timeout_millis
        self._take(metrics_data, measurements.is_asked())

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Merge what was counted, and send the ledger."""
        return self._flush(timeout_millis / 1000)

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        """Merge what was counted; the last process of the ledger sends it."""
        self._close(timeout_millis / 1000)
