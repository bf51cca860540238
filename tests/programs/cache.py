"""A cache of built programs and of what they said, outside the checkout and keyed by what both were made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def cache_folder() -> Path:
    """The folder that holds every cached program: `$XDG_CACHE_HOME/pazpaz-opentelemetry`."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "pazpaz-opentelemetry"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remembered(name: str) -> Path | None:
    """The folder of what a program said of the same input, or None where `TEST_AFRESH` asks for all to run."""
    return None if os.environ.get("TEST_AFRESH") else cache_folder() / name


def cached(name: str, made_from: str, build: Callable[[Path], None]) -> Path:
    """The folder of the program `name` built from `made_from`, building it on the first call.

    `build` gets an empty folder to fill. Only a whole build enters the cache: an interrupted one leaves nothing, and
    two processes that want the same program build it once.
    """
    folder = cache_folder() / f"{name}-{hashlib.sha256(made_from.encode()).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    with _locked(folder.with_suffix(".lock")):
        if not folder.is_dir():
            fresh = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=cache_folder()))
            try:
                build(fresh)
                fresh.chmod(0o755)
                fresh.rename(folder)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return folder


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
