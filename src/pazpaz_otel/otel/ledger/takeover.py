"""Let the ledger's reader take the place of others in one step, so that each measurement is counted by one of them."""

from __future__ import annotations

import contextlib
import copy
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics import UpDownCounter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
    Sum,
)

from pazpaz_otel.otel import measurements, shutdown
from pazpaz_otel.otel.ledger import points
from pazpaz_otel.otel.prepared.collection import share_prepared
from pazpaz_otel.redact import data_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from opentelemetry.sdk.metrics.export import Metric, MetricReader


class Takeover:
    """The readers that were replaced, and what they had counted.

    The SDK replaces its readers' storages, and never changes them, because threads measure without a lock. Copies of
    its consumer therefore have the storages of before and after.
    """

    def __init__(self, provider: Any, replaced: Sequence[MetricReader], reader: MetricReader) -> None:
        for one in replaced:
            _end(one)
        self._replaced = replaced
        consumer = provider._measurement_consumer  # noqa: SLF001
        self._before = copy.copy(consumer)
        provider.add_metric_reader(reader)
        after = copy.copy(consumer)
        for one in (*replaced, reader):
            after.remove_metric_reader(one)
        after.add_metric_reader(reader)
        share_prepared(consumer, after)
        with measurements.unasked():
            self.prepared = after.collect(reader)
        _keep_levels(self._before._reader_storages[replaced[0]], after._reader_storages[reader])  # noqa: SLF001
        consumer._reader_storages = after._reader_storages  # noqa: SLF001
        provider._all_metric_readers.difference_update(replaced)  # noqa: SLF001

    def counted(self) -> MetricsData:
        """Return what this process had counted, and what its observable instruments observe."""
        self._counted = {one: self._before.collect(one) for one in self._replaced}
        return self._counted[self._replaced[0]] or MetricsData([])

    def export_last(self, exporters: Mapping[MetricReader, MetricExporter]) -> None:
        """Export what this process had counted as its own, for the last time."""

        def export() -> None:
            for reader, exporter in exporters.items():
                with contextlib.suppress(Exception):
                    _export(exporter, self._counted[reader], self.prepared)
                    # Another thread may have been about to count.
                    with measurements.unasked():
                        late = self._before.collect(reader)
                    _export(exporter, late)

        # The application waits for the process that it starts, not for an endpoint.
        thread = threading.Thread(target=export, name="PazpazOtelLedgerJoin", daemon=True)
        thread.start()
        shutdown.finish_first(thread)


class _Nowhere(MetricExporter):
    """Takes the place of an exporter that was removed."""

    def export(self, metrics_data: Any, timeout_millis: float = 10_000, **_: Any) -> MetricExportResult:
        del metrics_data, timeout_millis
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        del timeout_millis
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        pass


def _end(reader: Any) -> None:
    """Let a reader collect no more; what it holds stays with the provider."""
    reader._set_collect_callback(lambda *_, **__: None)  # noqa: SLF001 - without one, its thread logs a warning
    if isinstance(reader, PeriodicExportingMetricReader):
        reader._exporter = _Nowhere()  # noqa: SLF001
    # The provider's own method shuts a reader down after detaching it, and the reader logs a warning.
    reader.shutdown()


def _keep_levels(before: Any, after: Any) -> None:
    """Let up-down counters go on from where they are."""
    levels = {
        instrument: held
        for instrument, held in list(before._instrument_view_instrument_matches.items())  # noqa: SLF001
        if isinstance(instrument, UpDownCounter)
    }
    after._instrument_view_instrument_matches.update(levels)  # noqa: SLF001


def _export(exporter: MetricExporter, *collected: MetricsData | None) -> None:
    data = MetricsData([of_resource for one in collected if one is not None for of_resource in one.resource_metrics])
    # A supervisor has counted nothing, and its endpoint may be away.
    if not all(map(points.is_empty, data_points.points_in(data))):
        exporter.export(data_points.with_metrics(data, _last))


def _last(metric: Metric) -> Iterator[Metric]:
    """Yield totals as a process exports them that counts no more; its levels are the ledger's."""
    data: Any = metric.data
    if isinstance(data, Gauge):
        return
    # A prepared series' first difference is its total.
    data = replace(data, aggregation_temporality=AggregationTemporality.CUMULATIVE)
    if isinstance(data, Sum) and not data.is_monotonic:
        data = replace(data, data_points=[points.as_zero(point) for point in data.data_points])
    yield replace(metric, data=data)
