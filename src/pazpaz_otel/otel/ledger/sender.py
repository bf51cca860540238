"""Send the sums with the exporters that the SDK was configured with."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, attach, detach, set_value
from opentelemetry.sdk.metrics.export import MetricExportResult

from pazpaz_otel.otel.exporters import export_judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.metrics.export import MetricExporter, MetricsData

logger = logging.getLogger(__name__)


class Sender:
    """Export to several exporters."""

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
