"""The stock OpenTelemetry distribution in a virtual environment of its own: what a sender without our guards is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = (
    "opentelemetry-distro>=0.66b1,<0.67",
    "opentelemetry-exporter-otlp>=1.45.1,<1.46",
    "opentelemetry-instrumentation-fastapi>=0.66b1,<0.67",
    "opentelemetry-instrumentation-httpx>=0.66b1,<0.67",
    "opentelemetry-instrumentation-logging>=0.66b1,<0.67",
    "opentelemetry-instrumentation-sqlalchemy>=0.66b1,<0.67",
    "fastapi>=0.120,<1",
    "httpx>=0.28,<1",
    "sqlalchemy>=2.0.40,<2.1",
)
"""What a backend without the guards would install."""


def stock_folder() -> Path:
    """The `bin` folder of a virtual environment with the stock distribution and without our package."""
    return pypi_folder("stock", REQUIREMENTS) / "bin"
