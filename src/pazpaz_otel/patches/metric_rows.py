"""Patches where metrics are created, and where processes that count end."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

ROWS: Final = (
    Patch(
        "meter.register_instrument",
        "opentelemetry.sdk.metrics:Meter._register_instrument",
        "opentelemetry-sdk",
        "Proves the name of an undeclared instrument where it is created.",
        "a hook for the creation of instruments",
        "https://opentelemetry.io/docs/specs/otel/metrics/sdk/#meter",
        "views may be functions of the instrument, called when it is created",
        inherited=True,
    ),
    Patch(
        "prometheus_client.init",
        "prometheus_client.metrics:MetricWrapperBase.__init__",
        "prometheus-client",
        "Proves the name of one of the library's own metrics where it is created.",
        "a hook for the creation of metrics",
        "https://prometheus.github.io/client_python/collector/custom/",
        "the registry emits an event while the statement that creates a metric runs",
        optional_library=True,
    ),
)
