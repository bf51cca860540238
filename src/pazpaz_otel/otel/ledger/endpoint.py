"""The embedded Prometheus endpoint for several workers: one serves the ledger, and another takes over when it ends."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from prometheus_client import CollectorRegistry, start_http_server

from pazpaz_otel.otel.ledger.timers import Timer
from pazpaz_otel.otel.prometheus import with_guide_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.sdk.metrics.export import MetricsData

logger = logging.getLogger(__name__)

_NAME: Final = "endpoint"
_RETRY_INTERVAL: Final = 1.0
_LEASE: Final = 5.0
_PATIENCE: Final = 15.0
"""Seconds without any server of this ledger before the port is reported as taken by another program."""


class Endpoint:
    """Serve the ledger's sums while this process is the one that may.

    Args:
        host: the host to listen on.
        port: the port to listen on.
        labels: the Prometheus label of each attribute that isn't shown under its own name.
        sums: returns the metrics to show.
        lease: returns whether this process holds the named lease for so many seconds.
        serving: this process's server and what it shows, if it serves already.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - where, what and when
        self,
        host: str,
        port: int,
        labels: Mapping[str, str],
        sums: Callable[[], MetricsData],
        lease: Callable[[str, float], bool],
        serving: tuple[Any, CollectorRegistry] | None = None,
    ) -> None:
        self._address = (host, port)
        self._labels = labels
        self._sums = sums
        self._lease = lease
        self._server: Any = None
        if serving is not None:
            self._server, registry = serving
            self._show(registry)
            # Before a process that is about to start.
            lease(_NAME, _LEASE)
        self._begin()

    def after_fork(self) -> None:
        """Close the parent's socket, which would block the port after the parent's end, and compete for the lease."""
        server, self._server = self._server, None
        if server is not None:
            server.socket.close()
        self._begin()

    def shutdown(self) -> None:
        """Stop serving."""
        self._timer.stop()
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def _begin(self) -> None:
        self._refused = 0.0
        self._said = False
        self._timer = Timer("PazpazOtelEndpoint", _RETRY_INTERVAL, self._serve_when_due)

    def _show(self, registry: CollectorRegistry) -> None:
        _SumsReader(registry, lambda: with_guide_names(self._sums(), self._labels))

    def _serve_when_due(self) -> None:
        if not self._lease(_NAME, _LEASE) or self._server is not None:
            return
        try:
            registry = CollectorRegistry()
            self._show(registry)
            self._server, _ = start_http_server(self._address[1], self._address[0], registry=registry)
        except OSError:
            self._refused = self._refused or time.monotonic()
            if not self._said and time.monotonic() - self._refused > _PATIENCE:
                self._said = True
                logger.error(  # noqa: TRY400 - the cause is the port, which the line names
                    "the embedded Prometheus endpoint isn't served: the address in OTEL_EXPORTER_PROMETHEUS_HOST and"
                    " OTEL_EXPORTER_PROMETHEUS_PORT is taken or isn't this host's"
                )
        else:
            self._refused = 0.0


class _SumsReader(PrometheusMetricReader):
    """Show what a function returns at each scrape."""

    def __init__(self, registry: CollectorRegistry, give: Callable[[], MetricsData]) -> None:
        super().__init__(disable_target_info=True, scope_info_enabled=False, registry=registry)
        collector: Any = self._collector
        collector._callback = lambda: self._receive_metrics(give())  # noqa: SLF001 - asked at each scrape
