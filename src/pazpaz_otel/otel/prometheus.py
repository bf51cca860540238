"""The embedded Prometheus endpoint, for processes without a Collector.

Of several workers one serves the ledger, and another takes over when it ends. The endpoint has its own registry, so
that only guarded metrics are shown; listens on loopback by default; and uses the names that the Collector gives the
same metrics.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics.export import Histogram, Metric, MetricsData, NumberDataPoint, Sum
from prometheus_client import CollectorRegistry, start_http_server

from pazpaz_otel import forks
from pazpaz_otel.notices import Told
from pazpaz_otel.otel.ledger.timers import Timer
from pazpaz_otel.otel.workers import reason_for_several
from pazpaz_otel.redact import data_points
from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pazpaz_otel.policy import Policy

logger = logging.getLogger(__name__)

_DURATION: Final = "http.server.request.duration"
_GUIDE: Final = {"http.request.method": "method", "http.route": "handler", "http.response.status_code": "status"}
_NAME: Final = "endpoint"
_RETRY_INTERVAL: Final = 1.0
_LEASE: Final = 5.0
_PATIENCE: Final = 15.0
"""Seconds without any server of this ledger before the port is reported as taken by another program."""


class EmbeddedPrometheusReader(PrometheusMetricReader):
    """Serve this process's guarded metrics to Prometheus.

    Args:
        settings: where to listen; by default, from the environment.
        labels: the Prometheus label of each attribute that isn't shown under its own name.
    """

    def __init__(self, settings: Settings | None = None, labels: Mapping[str, str] | None = None) -> None:
        settings = settings or Settings.from_env()
        self._labels = labels or {}
        registry = CollectorRegistry()
        super().__init__(disable_target_info=True, scope_info_enabled=False, registry=registry)
        self._server: Any = None
        self._reason = reason_for_several(settings.web_concurrency)
        if self._reason or settings.ledger not in {"auto", "off"}:
            # Otherwise the ledger serves or refuses.
            if settings.ledger == "off":
                self.refuse()
            return
        try:
            self._server, _ = start_http_server(settings.prometheus_port, settings.prometheus_host, registry=registry)
            forks.in_child(self._forget_server)
        except OSError:
            logger.error(  # noqa: TRY400 - the cause is the port, which the line names
                "the embedded Prometheus endpoint isn't served: the address in OTEL_EXPORTER_PROMETHEUS_HOST and"
                " OTEL_EXPORTER_PROMETHEUS_PORT is taken or isn't this host's. With several workers, send metrics to"
                " a Collector instead (OTEL_METRICS_EXPORTER=otlp)"
            )

    @property
    def serves(self) -> bool:
        """Whether this process's own counts are served."""
        return self._server is not None

    def hand_over(self) -> tuple[Any, CollectorRegistry] | None:
        """Return the server and what it shows, for somebody else to fill, or None if there is none."""
        server, self._server = self._server, None
        return None if server is None else (server, self._registry)

    def refuse(self) -> None:
        """Log why nothing is served."""
        logger.error(
            "the embedded Prometheus endpoint isn't served: %s, and there is no ledger of their counts. Each process"
            " would show its own share; send them to a Collector instead (OTEL_METRICS_EXPORTER=otlp)",
            Told(self._reason or "PAZPAZ_OTEL_LEDGER asks for it"),
        )

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> None:
        super()._receive_metrics(with_guide_names(metrics_data, self._labels), timeout_millis, **kwargs)

    def _forget_server(self) -> None:
        # Its socket would block the port after the parent's end, and its shutdown waits for a thread of the parent.
        server, self._server = self._server, None
        if server is not None:
            server.socket.close()
        # A scrape may have been reading it.
        held: Any = self._registry._lock  # noqa: SLF001
        held._at_fork_reinit()  # noqa: SLF001

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.shutdown()
        super().shutdown(timeout_millis, **kwargs)


def labels_of(policy: Policy) -> dict[str, str]:
    """Return the attributes whose Prometheus label is set by the policy."""
    return {key: rule.label for key, rule in policy.attributes.items() if rule.label}


def with_guide_names(data: MetricsData, labels: Mapping[str, str]) -> MetricsData:
    """Return the metrics with the policy's labels, and the HTTP ones also under the guide's names."""
    return data_points.with_metrics(data, lambda metric: _named(metric, labels))


def _named(metric: Metric, labels: Mapping[str, str]) -> Iterator[Metric]:
    renamed = [
        replace(point, attributes={labels.get(key, key): value for key, value in (point.attributes or {}).items()})
        for point in metric.data.data_points
    ]
    yield replace(metric, data=data_points.with_points(metric.data, renamed))
    if metric.name == _DURATION and isinstance(metric.data, Histogram):
        yield from _guide(metric)


def _guide(metric: Metric) -> Iterator[Metric]:
    counts: dict[tuple[tuple[str, str], ...], NumberDataPoint] = {}
    durations: dict[tuple[tuple[str, str], ...], Any] = {}
    # A request without a matched route is counted without a path, as in the Collector.
    for point in metric.data.data_points:
        attributes = {_GUIDE[key]: str(value) for key, value in (point.attributes or {}).items() if key in _GUIDE}
        count = NumberDataPoint(attributes, point.start_time_unix_nano, point.time_unix_nano, point.count)  # type: ignore[union-attr]
        key = tuple(sorted(attributes.items()))
        counts[key] = data_points.merged(counts[key], count) if key in counts else count
        short = {name: value for name, value in attributes.items() if name != "status"}
        duration: Any = replace(point, attributes=short, exemplars=[])
        key = tuple(sorted(short.items()))
        durations[key] = data_points.merged(durations[key], duration) if key in durations else duration
    temporality = metric.data.aggregation_temporality  # type: ignore[union-attr]
    total = Sum(list(counts.values()), temporality, is_monotonic=True)
    yield Metric("http_requests", "HTTP requests.", "", total)
    yield Metric(
        "http_request_duration", "Duration of HTTP requests.", "s", Histogram(list(durations.values()), temporality)
    )


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
