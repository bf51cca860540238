"""Applications with the packed package, as those who install it have them."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from tests.programs.cache import cached
from tests.programs.frontend import SOURCES, frontend_folder
from tests.programs.npm import SETS, node, npm_folder

_STEPS: Final = Path(__file__).read_text(encoding="utf-8")


def packed() -> Path:
    """The package as npm would publish it, unpacked: once for what its sources are."""

    def build(folder: Path) -> None:
        command = ["npm", "pack", "--ignore-scripts", "--pack-destination", str(folder)]
        subprocess.run(command, cwd=frontend_folder() / "package", check=True, capture_output=True)
        (archive,) = folder.glob("*.tgz")
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")

    return cached("frontend-packed", f"{frontend_folder()} {_STEPS}", build) / "package"


def built(source: str, packages: str, main: str = "") -> Path:
    """What Vite builds of one of `frontend/e2e`'s applications: once for what its sources and its packages are.

    Args:
        source: the application.
        packages: a set of npm's packages.
        main: what its `main.ts` is to be instead of its own.
    """

    def build(folder: Path) -> None:
        app = application(folder, source, packages)
        if main:
            (app / "main.ts").write_text(main)
        run(app, "vite/bin/vite.js", "build")

    made_from = f"{frontend_folder()} {SETS[packages]} {_STEPS} {main}"
    return cached(f"application-{source}-{packages}", made_from, build) / "app" / "dist"


def application(folder: Path, source: str, packages: str) -> Path:
    """A copy of one of `frontend/e2e`'s applications, with the packed package and a set of npm's packages."""
    app = folder / "app"
    shutil.copytree(SOURCES / "e2e" / source, app, ignore=shutil.ignore_patterns("dist", ".gitignore"))
    (app / "package.json").write_text('{ "private": true, "type": "module" }')
    (app / "node_modules").mkdir()
    for installed in npm_folder(packages).iterdir():
        if not installed.name.startswith("."):
            (app / "node_modules" / installed.name).symlink_to(installed)
    shutil.copytree(packed(), app / "node_modules" / "@pazpaz" / "otel-browser")
    return app


def run(app: Path, program: str, *arguments: str) -> str:
    """What one of the application's own programs prints."""
    command = [node(), f"node_modules/{program}", *arguments]
    done = subprocess.run(command, cwd=app, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
