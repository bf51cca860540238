"""An OpenTelemetry distribution for back ends that hold patient data: what isn't proven safe doesn't leave.

`opentelemetry-instrument` needs no line of code. In code, `configure()` does the same, and `counter()` and its
siblings give the business instruments that the policy declares.
"""

from __future__ import annotations

from pazpaz_otel._version import __version__
from pazpaz_otel.api import (
    RedactingLogRecordProcessor,
    RedactingMetricExporter,
    RedactingSpanProcessor,
    configure,
    counter,
    gauge,
    histogram,
    observe,
    up_down_counter,
)

__all__ = [
    "RedactingLogRecordProcessor",
    "RedactingMetricExporter",
    "RedactingSpanProcessor",
    "__version__",
    "configure",
    "counter",
    "gauge",
    "histogram",
    "observe",
    "up_down_counter",
]
