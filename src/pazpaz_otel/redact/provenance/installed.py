"""Which files belong to installed packages or the standard library, not to the application."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_THIS_PACKAGE: Final = "pazpaz_otel"
_PACKAGES: Final = ("site-packages", "dist-packages")
_FOLDERS: Final = tuple(
    {sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")}
    | {*site.getsitepackages(), site.getusersitepackages()}
)


def is_installed(file: str) -> bool:
    """Return whether `file` is in the standard library or an installed package that isn't the application."""
    is_among_packages = file.startswith(_FOLDERS) or any(folder in file for folder in _PACKAGES)
    return is_among_packages and not file.startswith(_applications())


@cache
def _applications() -> tuple[str, ...]:
    """Return the modules and folders of what was installed from a folder, as `pip install .` does: the application.

    Libraries come from an index. Source: PEP 610.
    """
    found = set()
    # Few distributions have this file; `metadata.distributions()` would open each one's.
    folders = (Path(folder) for folder in sys.path if isinstance(folder, str))
    for described in (file for folder in folders for file in folder.glob("*.dist-info/direct_url.json")):
        # One that can't be read is a library: nothing says otherwise.
        with suppress(OSError, ValueError):
            distribution = metadata.Distribution.at(described.parent)
            if '"dir_info"' in described.read_text("utf-8"):
                for name, *inside in (file.parts for file in distribution.files or () if file.suffix == ".py"):
                    if name != _THIS_PACKAGE:
                        found.add(f"{distribution.locate_file(name)}{os.sep if inside else ''}")
    return tuple(found)


def file_of(module: Mapping[str, Any]) -> Any:
    """Return the file of a module by its namespace, or what else stands there.

    Python removes the one of a program at the end of its last statement; threads and exit handlers go on.
    """
    file = module.get("__file__")
    if file is None and module.get("__name__") == "__main__":
        return getattr(module.get("__loader__"), "path", None)
    return file


def is_application(name: str, module: Mapping[str, Any]) -> bool:
    """Return whether a loaded module, by its name and namespace, is a file of the application."""
    file = file_of(module)
    return name.partition(".")[0] != _THIS_PACKAGE and type(file) is str and not is_installed(file)


def may_read(module: str, reader: str = "") -> bool:
    """Return whether texts of a module are followed from another: those of its package, and the application's."""
    if reader.partition(".")[0] == module.partition(".")[0]:
        return True
    file = file_of(getattr(sys.modules.get(module), "__dict__", {}))
    return type(file) is str and not is_installed(file)
