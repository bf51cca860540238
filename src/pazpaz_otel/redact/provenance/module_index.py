"""What the loaded modules prove: names of modules, classes and functions, and lines of their files.

Everything is looked up in `sys.modules` and existing dictionaries: nothing is imported, and no `__getattr__` of a
module or class runs. Failed look-ups aren't cached.
"""

from __future__ import annotations

import builtins
import sys
import time
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.imports import Loaded, loaded_state
from pazpaz_otel.redact.containment import in_doubt
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.code_index import MAIN_MODULES, compiled_of, imported, is_a, subclasses
from pazpaz_otel.redact.provenance.made_classes import written
from pazpaz_otel.redact.provenance.module_files import file_found

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_NAME: Final = 512
_MAX_UNWRAPPED: Final = 8
_LOCALS: Final = "<locals>"
_REBUILD_SECONDS: Final = 0.25


_classes: FifoCache[str, None] = FifoCache(2048)
_class_names: FifoCache[int, tuple[type, str, str]] = FifoCache(1024)
"""Classes with the names that were proven, and the qualified names that they had then: data may rename a class."""


def module_proven(name: str) -> bool:
    """Return whether a module of this name was imported from a file of that name, as were its packages.

    A module object can be created with any name, one module can be loaded under several, and `spec_from_file_location`
    gives a file any name.
    """
    if type(name) is not str or not imported(name):
        return False
    if name in MAIN_MODULES:
        return True
    spec: Any = sys.modules[name].__dict__["__spec__"]
    package, _, own = name.rpartition(".")
    if getattr(spec, "name", None) != name or (package and not module_proven(package)):
        return False
    is_built_in = name in sys.builtin_module_names or name in sys.stdlib_module_names
    return is_built_in or own in map(_stem, _places(spec))


def _places(spec: Any) -> Iterator[str]:
    """Yield the file of a module, or the folders of a package that has none."""
    origin, folders = getattr(spec, "origin", None), getattr(spec, "submodule_search_locations", None)
    for place in (origin,) if origin else folders or ():
        if type(place) is str:
            yield place


def _stem(place: str) -> str:
    """Return the name by which a file or a folder is imported."""
    folder, _, file = place.replace("\\", "/").rstrip("/").rpartition("/")
    stem = file.partition(".")[0]
    return folder.rpartition("/")[2] if stem == "__init__" else stem


@in_doubt(answer=False)
def class_name_proven(name: str) -> bool:
    """Return whether a class in a loaded module (`app.errors.Closed`), or a built-in class, has this qualified name."""
    if type(name) is not str or len(name) > _MAX_NAME:
        return False
    if name in _classes:
        return True
    found = any(
        module_proven(module) and (cls := _find_class(module, path)) is not None and written(module, path, cls)
        for module, path in _splits(name)
    )
    if found:
        _classes.keep(name, None)
    return found


@in_doubt(answer=None)
def class_name(cls: type) -> str | None:
    """Return the qualified name of `cls` (without `builtins`) if its module holds this very class, else None."""
    known = _class_names.get(id(cls))
    module, path = cls.__module__, cls.__qualname__
    if known is not None and path == known[2]:
        return known[1]
    found = _find_class(module, path)
    if type(module) is not str or type(path) is not str or not (found is cls or isinstance(found, CodeType)):
        return None
    if not written(module, path, cls):
        return None
    is_bare = module == builtins.__name__ or not module_proven(module)
    return _class_names.keep(id(cls), (cls, path if is_bare else f"{module}.{path}", path))[1]


class _ErrorNames:
    """The unqualified names of loaded exception classes, as used in `error.type`."""

    def __init__(self) -> None:
        self._classes: dict[str, set[tuple[str, str]]] = {}
        self._state: Loaded | None = None
        self._built = 0.0

    def __contains__(self, name: str) -> bool:
        if self._has(name):
            return True
        now = time.monotonic()
        if loaded_state() == self._state and now - self._built < _REBUILD_SECONDS:
            return False
        self._state, self._built = loaded_state(), now
        classes: dict[str, set[tuple[str, str]]] = {}
        for found, place in self._walk():
            classes.setdefault(found, set()).add(place)
        self._classes = classes
        return self._has(name)

    def _has(self, name: str) -> bool:
        return any(written(module, path, _find_class(module, path)) for module, path in self._classes.get(name, ()))

    @staticmethod
    def _walk() -> Iterator[tuple[str, tuple[str, str]]]:
        for cls in subclasses(BaseException):
            module, path = cls.__module__, cls.__qualname__
            found = _find_class(module, path) if type(module) is str and type(path) is str else None
            if found is cls or isinstance(found, CodeType):
                yield path.rpartition(".")[2], (module, path)
                yield path, (module, path)


_error_names = _ErrorNames()


@in_doubt(answer=False)
def simple_name_proven(name: str) -> bool:
    """Return whether a loaded exception class has this unqualified name (`IntegrityError`)."""
    return type(name) is str and len(name) <= _MAX_NAME and name in _error_names


@in_doubt(answer=False)
def function_proven(module: str, name: str) -> bool:
    """Return whether the loaded `module` was compiled with a function of this name, qualified or not."""
    compiled = compiled_of(module)
    return type(name) is str and compiled is not None and name in compiled.functions


def function_name_proven(name: str, file: str | None) -> bool:
    """Return whether `file` (absolute, or relative to its package) is a loaded module's and has such a function."""
    found = file_found(file)
    return found is not None and function_proven(found.module, name)


@in_doubt(answer=False)
def line_proven(line: int, file: str) -> bool:
    """Return whether `line` exists in the compiled `file`."""
    found = file_found(file)
    compiled = compiled_of(found.module) if found is not None else None
    return compiled is not None and 0 < line <= compiled.lines


def _splits(name: str) -> Iterator[tuple[str, str]]:
    cut = name.find(".")
    while cut > 0:
        yield name[:cut], name[cut + 1 :]
        cut = name.find(".", cut + 1)
    if "." not in name:
        yield builtins.__name__, name


def _find_class(module: str, path: str) -> type | CodeType | None:
    """Return the class at `path` in a loaded module, or the code of its body if a function defines it."""
    found: Any = sys.modules.get(module)
    parts = path.split(".")
    for index, part in enumerate(parts):
        if part == _LOCALS and is_a(found, FunctionType):
            return _find_code(found.__code__, parts[index + 1 :])
        if not is_a(found, (ModuleType, type)):
            return None
        found = _unwrapped(found.__dict__.get(part))
    if not is_a(found, type) or found.__module__ != module or found.__qualname__ != path:
        return None
    return found


def _find_code(code: CodeType, parts: list[str]) -> CodeType | None:
    for part in parts:
        if part == _LOCALS:
            continue
        inner = next((c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == part), None)
        if inner is None:
            return None
        code = inner
    return code


def _unwrapped(value: Any) -> Any:
    if is_a(value, staticmethod) or is_a(value, classmethod):
        value = value.__func__
    for _ in range(_MAX_UNWRAPPED):
        if not is_a(value, FunctionType) or "__wrapped__" not in value.__dict__:
            break
        value = value.__dict__["__wrapped__"]
    return value
