"""Which files belong to installed packages or the standard library, not to the application."""

from __future__ import annotations

import site
import sys
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


def may_read(module: str, reader: str) -> bool:
    """Return whether texts of a module are followed from another: those of its package, and the application's."""
    if reader.partition(".")[0] == module.partition(".")[0]:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    return type(file) is str and not is_installed(file)
