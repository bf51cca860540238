"""Packages of npm, each set in a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.programs.cache import cached
from tests.programs.missing import unavailable

if TYPE_CHECKING:
    from pathlib import Path


def npm_folder(name: str, packages: tuple[str, ...]) -> Path:
    """The `node_modules` of a folder in which nothing but `packages` and what they need is installed."""
    npm = shutil.which("npm")
    if npm is None:
        unavailable("npm", "not installed", "apt-get install nodejs npm")

    def build(folder: Path) -> None:
        (folder / "package.json").write_text(json.dumps({"private": True}))
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", *packages]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            unavailable(name, done.stderr.strip()[-400:], f"npm install {' '.join(packages)}")

    return cached(name, " ".join(packages), build) / "node_modules"
