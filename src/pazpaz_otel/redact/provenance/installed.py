"""Which files belong to installed packages or the standard library, not to the application."""

from __future__ import annotations

import site
import sysconfig
from typing import Final

_PACKAGES: Final = ("site-packages", "dist-packages")
_FOLDERS: Final = tuple(
    {sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")}
    | {*site.getsitepackages(), site.getusersitepackages()}
)


def is_installed(file: str) -> bool:
    """Return whether `file` is in the standard library or an installed package."""
    return file.startswith(_FOLDERS) or any(folder in file for folder in _PACKAGES)
