"""The files of the loaded modules, and their paths relative to their top-level package."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from pazpaz_otel.imports import Loaded, loaded_state
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.code_index import MAIN_MODULES, loaded
from pazpaz_otel.redact.provenance.installed import file_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

_SCRIPT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


class File(NamedTuple):
    """A loaded module's file."""

    module: str
    path: str
    """Relative to its top-level package: `app/errors.py`."""


class _Files:
    """The files of the loaded modules, read again when a name is unknown and modules were added or removed."""

    def __init__(self) -> None:
        self._modules: dict[str, str] = {}
        # Paths of all modules would take a good deal of memory; those of a few are asked for.
        self._found: FifoCache[str, File | None] = FifoCache(1024)
        self._state: Loaded | None = None

    def find(self, filename: str) -> File | None:
        if self._found.get(filename) is None and loaded_state() != self._state:
            self._state = loaded_state()
            self._modules = {file: name for name, file, _ in _files_of(list(sys.modules))}
            self._found.clear()
        if filename in self._found:
            return self._found[filename]
        return self._found.keep(filename, self._look_up(filename))

    def _look_up(self, filename: str) -> File | None:
        name = self._modules.get(filename)
        below = (name for file, name in self._modules.items() if file.replace("\\", "/").endswith(filename))
        for module, file, path in _files_of(below if name is None else (name,)):
            if filename in {file, path}:
                return File(module, path)
        return None


_files: Final = _Files()


def file_found(filename: str | None) -> File | None:
    """Return the loaded module's file of this name, absolute or relative to its package, or None for other files."""
    return _files.find(filename) if type(filename) is str else None


def relative_path(filename: str | None) -> str | None:
    """Return a loaded module's file relative to its top-level package (`app/errors.py`), or None for other files."""
    found = file_found(filename)
    return found.path if found is not None else None


def _files_of(names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the file and the path below its package of each loaded module that has them."""
    for name in names:
        module = loaded(name) if type(name) is str else None
        if module is not None:
            file = file_of(module.__dict__)
            if type(file) is str and (path := _relative(name, module, file)) is not None:
                yield name, file, path


def _relative(name: str, module: ModuleType, file: str) -> str | None:
    file = file.replace("\\", "/")
    stem, _, suffix = file.rpartition("/")[2].partition(".")
    if name in MAIN_MODULES:
        name = getattr(module.__dict__.get("__spec__"), "name", None) or name
    if name in MAIN_MODULES:
        script = file.rpartition("/")[2]
        return script if _SCRIPT.fullmatch(script) else None
    parts = name.split(".")
    path = "/".join([*parts, "__init__"] if stem == "__init__" else parts) + f".{suffix}"
    if file == path or file.endswith(f"/{path}"):
        return path
    # Loaded from a place that doesn't match its name: only the last part, if the name proves it.
    return f"{stem}.{suffix}" if stem == parts[-1] else None
