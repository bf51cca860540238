"""What is replaced where metrics are made and where processes that count end."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

ROWS: Final = (
    Patch(
        "meter.register_instrument",
        "opentelemetry.sdk.metrics:Meter._register_instrument",
        "opentelemetry-sdk",
        "Proves the name of an instrument that no policy declares where it is made.",
        "a hook for instruments that are made",
        "https://opentelemetry.io/docs/specs/otel/metrics/sdk/#meter",
        "views may be functions of the instrument, called where it is made",
        inherited=True,
    ),
    Patch(
        "prometheus_client.init",
        "prometheus_client.metrics:MetricWrapperBase.__init__",
        "prometheus-client",
        "Proves the name of a metric that the application keeps in the library where it is made.",
        "a hook for metrics that are made",
        "https://prometheus.github.io/client_python/collector/custom/",
        "the registry tells of metrics that are registered while the statement that makes them runs",
        optional_library=True,
    ),
)
