"""An OpenTelemetry distribution for back ends that hold patient data: what isn't proven safe doesn't leave.

`opentelemetry-instrument` starts it without any code. In code, `configure()` does the same; `counter()` and its
siblings return the business metrics that the policy declares.

PYTEST_DONT_REWRITE: under `opentelemetry-instrument pytest` this package is imported before pytest marks the packages
of its plugins for rewriting, and its warning of that ends a run whose `filterwarnings` are errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel._version import __version__

if TYPE_CHECKING:
    from pazpaz_otel.api import (
        RedactingLogRecordProcessor,
        RedactingMetricExporter,
        RedactingSpanProcessor,
        Settings,
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
    "Settings",
    "__version__",
    "configure",
    "counter",
    "gauge",
    "histogram",
    "observe",
    "up_down_counter",
]

_FUNCTIONS = frozenset({"configure", "counter", "gauge", "histogram", "observe", "up_down_counter"})


def __getattr__(name: str) -> Any:
    # The SDK is imported only when a name needs it: pytest loads this package's plugin in every run, and most of the
    # command line needs no telemetry.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from pazpaz_otel import api  # noqa: PLC0415
    except Exception as error:
        # An application that only counts has to start; one that wires guards itself must not go on without them.
        if name not in _FUNCTIONS:
            raise
        from pazpaz_otel import fail_closed  # noqa: PLC0415

        return fail_closed.stand_in(error)
    return getattr(api, name)
