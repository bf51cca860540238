"""The front end, built outside the checkout: once for what its sources are, whoever asks first."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.programs.cache import cached
from tests.programs.npm import install, npm

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCES: Final = Path(__file__).parents[2] / "frontend"
_MANIFESTS: Final = (".npmrc", "package.json", "package-lock.json", "package/package.json", "page/package.json")
# What builds make, and what none of them reads.
_LEFT_OUT: Final = shutil.ignore_patterns(
    "node_modules", "dist", "dist-*", "sourcemaps", "screenshots", "*.conf", "*.tgz", "bench", "test", "*.api.md"
)
_BUILDS: Final = (
    ("build",),
    ("build:stock",),
    ("build:fresh",),
    ("build:attack",),
    ("build:attack", "--", "--mode", "stock"),
    ("build:attack", "--", "--mode", "react"),
)


def packages_folder() -> Path:
    """The front end's `node_modules`, as its lock file has them."""
    manifests = [SOURCES / name for name in _MANIFESTS]

    def build(folder: Path) -> None:
        for file in manifests:
            copy = folder / file.relative_to(SOURCES)
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(file, copy)
        install(folder, "the front end's packages", "ci")

    return cached("frontend-packages", _digest(manifests), build) / "node_modules"


def frontend_folder() -> Path:
    """The front end with its package and each of its pages built."""

    def build(folder: Path) -> None:
        shutil.copytree(SOURCES, folder, ignore=_ignored, dirs_exist_ok=True)
        _link_packages(folder, folder / "package")
        for script in _BUILDS:
            _run_script(folder, *script)

    return cached("frontend", f"{_digest(_sources())} {_BUILDS}", build)


def drivers_folder() -> Path:
    """The programs that drive a browser, which may change without a new build."""
    programs = list((SOURCES / "e2e").glob("*.mjs"))

    def build(folder: Path) -> None:
        for file in programs:
            shutil.copy(file, folder)
        (folder / "node_modules").symlink_to(packages_folder())

    return cached("frontend-drivers", f"{_digest(programs)} {packages_folder()}", build)


def build_page(folder: Path, dsn: str) -> Path:
    """Build the practice page with a DSN of its own, in `folder`, and return where it is."""
    shutil.copytree(SOURCES / "page", folder / "page", ignore=_ignored)
    shutil.copy(SOURCES / "tsconfig.base.json", folder)
    _link_packages(folder, frontend_folder() / "package")
    _run_script(folder / "page", "build", dsn=dsn)
    return folder / "page"


def _link_packages(folder: Path, package: Path) -> None:
    """Put the installed packages beside a folder's sources, `package` among them as npm's workspaces have it."""
    modules = folder / "node_modules"
    (modules / "@pazpaz").mkdir(parents=True)
    for installed in packages_folder().iterdir():
        if installed.name != "@pazpaz":
            (modules / installed.name).symlink_to(installed)
    own = modules / "@pazpaz" / "otel-browser"
    own.symlink_to(os.path.relpath(package, own.parent) if package.is_relative_to(folder) else package)


def _run_script(folder: Path, script: str, *arguments: str, dsn: str = "") -> None:
    command = [npm(), "run", script, *arguments]
    environment = {**os.environ, "VITE_SENTRY_DSN": dsn}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def _sources() -> Iterable[Path]:
    """The files that the builds read."""
    for root, folders, files in os.walk(SOURCES):
        ignored = _ignored(root, [*folders, *files])
        folders[:] = sorted(set(folders) - ignored)
        yield from (Path(root, name) for name in sorted(set(files) - ignored))


def _ignored(folder: str, names: list[str]) -> set[str]:
    # The programs that drive a browser lie beside the pages that they drive.
    drivers = {name for name in names if name.endswith(".mjs") and Path(folder) == SOURCES / "e2e"}
    return _LEFT_OUT(folder, names) | drivers


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(SOURCES)} {file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()
