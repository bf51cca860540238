"""Whether a class's name is the source's: that of a statement, or one that the source gives a class that it makes.

A class that code makes (`type(name, (Error,), {})`, `create_model`, `make_dataclass`) may have any name, also one that
data picked from the module's own words.
"""

from __future__ import annotations

import ast
import sys
from importlib.machinery import ExtensionFileLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.code_index import compiled_of, imported
from pazpaz_otel.redact.provenance.installed import file_of, is_installed
from pazpaz_otel.redact.provenance.resolving import arguments_of
from pazpaz_otel.redact.provenance.source import parse_file, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_PICKING: Final = frozenset({"get", "pop", "setdefault", "index", "count"})

_given: FifoCache[str, frozenset[str]] = FifoCache(128)


def written(module: str, path: str, cls: object = None) -> bool:
    """Return whether the module's source names the class.

    Args:
        module: the name of a loaded module.
        path: the class's qualified name in it.
        cls: the class itself, if available: an extension module may have created it for a Python module.
    """
    if not imported(module):
        return False
    compiled = compiled_of(module)
    name = path.rpartition(".")[2]
    if compiled is None:
        # An extension module creates its classes when it is loaded. A program that isn't a file has no source, either.
        return _is_in_c(sys.modules[module])
    if name in compiled.functions or (name in compiled.words and _gives(module, name)):
        return True
    return isinstance(cls, type) and _made_in_c(name, cls)


def _gives(module: str, name: str) -> bool:
    """Return whether a module's source binds the name, or passes it to a call or a loop that makes classes."""
    known = _given.get(module)
    if known is not None:
        return name in known
    held = sys.modules[module].__dict__
    file = file_of(held)
    if type(file) is not str or is_installed(file):
        # Data picks from the application's tables; the words of packages are their own.
        return True
    lines = read_lines(file, held)
    found = frozenset(_names_given(parse_file(file, lines))) if lines is not None else frozenset[str]()
    return name in _given.keep(module, found)


def _names_given(tree: ast.Module) -> Iterator[str]:  # noqa: C901 - a list of forms
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name
            case ast.Subscript(slice=ast.Constant(value=str() as name), ctx=ast.Store()):
                yield name
            case ast.Call(func=ast.Attribute(attr=func)) if func in _PICKING:
                pass
            case ast.Call():
                for value in arguments_of(node):
                    if isinstance(value, ast.Constant) and type(value.value) is str:
                        yield value.value
            case ast.For(iter=iterated):
                # All of them are made, whatever the data is.
                for inner in ast.walk(iterated):
                    if isinstance(inner, ast.Constant) and type(inner.value) is str:
                        yield inner.value


def _is_in_c(module: object) -> bool:
    spec = getattr(module, "__spec__", None) if isinstance(module, ModuleType) else None
    return isinstance(getattr(spec, "loader", None), ExtensionFileLoader) or getattr(spec, "origin", "") == "built-in"


def _made_in_c(name: str, cls: type) -> bool:
    for module in list(sys.modules.values()):
        if not _is_in_c(module):
            continue
        held = vars(module)
        # psycopg2 stores its classes by error code.
        if held.get(name) is cls or any(cls in v.values() for v in list(held.values()) if _holds_classes(v)):
            return True
    return False


def _holds_classes(value: object) -> TypeGuard[dict[Any, Any]]:
    return type(value) is dict and bool(value) and isinstance(next(iter(value.values())), type)
