"""The stock OpenTelemetry distribution in a virtual environment of its own: what a sender without our guards is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.programs.cache import cached
from tests.programs.missing import unavailable

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
    python = f"{sys.version_info.major}.{sys.version_info.minor}"

    def build(folder: Path) -> None:
        uv = shutil.which("uv")
        make = (
            [uv, "venv", "--quiet", "--relocatable", "--python", sys.executable]
            if uv
            else [sys.executable, "-m", "venv"]
        )
        _run([*make, str(folder / "venv")])
        interpreter = str(folder / "venv" / "bin" / "python")
        install = [uv, "pip", "install", "--python", interpreter] if uv else [interpreter, "-m", "pip", "install"]
        _run([*install, "--quiet", *REQUIREMENTS])

    return cached("stock", f"{python} {REQUIREMENTS}", build) / "venv" / "bin"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable("the stock distribution", done.stderr.strip()[-400:], f"pip install {' '.join(REQUIREMENTS)}")
