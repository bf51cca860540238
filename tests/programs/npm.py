"""Packages of npm, each set in a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from tests.programs.cache import cached
from tests.programs.missing import unavailable

if TYPE_CHECKING:
    from pathlib import Path

_COMMON: Final = ("@vitejs/plugin-vue@6", "vue@3.5", "vue-router@4", "@sentry/vue@~11.11.0")
SETS: Final = {
    "vite-6": ("vite@6", *_COMMON),
    "element-plus": ("vite@7", "element-plus@2", *_COMMON),
    "react": ("vite@7", "react@19", "react-dom@19", "@sentry/browser@~11.11.0"),
    "vite-7": ("vite@7", "vitest@4", "jsdom@27", "happy-dom@20", *_COMMON),
}
"""What the tests install beside the front end's own packages, by name."""


def npm_folder(name: str) -> Path:
    """The `node_modules` of a folder in which nothing but a set of `SETS` and what it needs is installed."""

    def build(folder: Path) -> None:
        (folder / "package.json").write_text(json.dumps({"private": True}))
        install(folder, name, "install", *SETS[name])

    return cached(name, " ".join(SETS[name]), build) / "node_modules"


def install(folder: Path, name: str, *arguments: str) -> None:
    """Have npm install packages in `folder`; their own scripts don't run."""
    command = ["npm", *arguments, "--ignore-scripts", "--no-audit", "--no-fund"]
    npm()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        unavailable(name, done.stderr.strip()[-400:], " ".join(command))


def npm() -> str:
    """The system's npm."""
    return _program("npm")


def node() -> str:
    """The system's Node.js."""
    return _program("node")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        unavailable(name, "not installed", "apt-get install nodejs npm")
    return found
