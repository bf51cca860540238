"""The SDK's side of the ledger: a reader collects what was counted since the last time, exporters send the sums."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, attach, detach, set_value
from opentelemetry.sdk.metrics import (
    Counter,
    Histogram,
    ObservableCounter,
    ObservableGauge,
    ObservableUpDownCounter,
    UpDownCounter,
)
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricExportResult, MetricReader, MetricsData

from pazpaz_otel.otel import measurements
from pazpaz_otel.otel.exporters import export_judged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry.sdk.metrics.export import MetricExporter

logger = logging.getLogger(__name__)

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


class Sender:
    """Send with the exporters that the SDK was configured with."""

    def __init__(self, exporters: Sequence[MetricExporter]) -> None:
        self._exporters = exporters
        self._failing = False

    def send(self, data: MetricsData) -> bool:
        """Export; a failure is logged once and loses nothing, because the next export has the sums again.

        Returns:
            Whether every exporter succeeded.
        """
        token = attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        try:
            results = [export_judged(exporter, data) for exporter in self._exporters]
        finally:
            detach(token)
        failing = any(result is not MetricExportResult.SUCCESS for result in results)
        if failing and not self._failing:
            logger.warning("the ledger's sums can't be sent; they are sent again until they arrive")
        self._failing = failing
        return not failing

    def shutdown(self) -> None:
        """Shut the exporters down."""
        for exporter in self._exporters:
            exporter.shutdown()
