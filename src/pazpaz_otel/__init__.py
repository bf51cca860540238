"""An OpenTelemetry distribution for back ends that hold patient data."""

from __future__ import annotations

from pazpaz_otel._version import __version__

__all__ = ["__version__"]
