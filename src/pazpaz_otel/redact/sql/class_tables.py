"""Table names derived from class names, by the rules of SQLModel, `declared_attr.directive` and Django.

The class's name is in the source, and a table name is proven if it adds nothing to it: the class's letters in lower
case or with underscores between words, singular or plural, with what the source's `__tablename__` functions or the
class's own module put before or after them. A class created at run time, as by reflection, has no statement in the
source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance.code_index import nested

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, ModuleType

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MARKS_OF_A_CLASS: Final = frozenset({"__module__", "__qualname__"})
_NAMING_FUNCTION: Final = "__tablename__"
_MAX_PIECE_LENGTH: Final = 32


class ClassTables:
    """The classes in the application's source, and the tables of those that are loaded."""

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], ModuleType] = {}
        self._pieces: set[str] = {""}

    def take(self, module: ModuleType, root: CodeType) -> None:
        """Record the classes in a module's source, and the texts with which its functions build names."""
        for code in nested(root):
            if code.co_name == _NAMING_FUNCTION:
                self._pieces.update(
                    text for text in code.co_consts if type(text) is str and len(text) <= _MAX_PIECE_LENGTH
                )
            elif is_class(code) and "<locals>" not in code.co_qualname:
                self._pending[module.__name__, code.co_qualname] = module

    def loaded(self) -> Iterator[str]:
        """Yield the tables of newly loaded classes whose names prove the tables' names."""
        for (module_name, name), module in list(self._pending.items()):
            found = _at(module, name)
            if found is None:
                # The class may still be created while its module is being imported.
                if not getattr(module.__spec__, "_initializing", False):
                    del self._pending[module_name, name]
                continue
            del self._pending[module_name, name]
            if isinstance(found, type) and found.__module__ == module_name and found.__qualname__ == name:
                table = _table_of(found)
                if table is not None and self._is_of(table, name.rpartition(".")[2], module_name.split(".")):
                    yield table

    def _is_of(self, table: str, name: str, parts: Iterable[str]) -> bool:
        forms = set(_forms(name.lower()))
        before = self._pieces | {f"{part}_" for part in parts}
        return any(
            table[len(first) : len(table) - len(last)].replace("_", "").lower() in forms
            for first in before
            if table.startswith(first)
            for last in self._pieces
            if table.endswith(last) and len(first) + len(last) < len(table)
        )


def is_class(code: CodeType) -> bool:
    """Return whether a code object is the body of a class statement."""
    return set(code.co_names) >= _MARKS_OF_A_CLASS


def names_of(name: str) -> Iterator[str]:
    """Yield the names derived from a class name by the usual rules: `orderitem`, `order_item`, and their plurals."""
    yield from _forms(name.lower())
    yield from _forms(_WORDS.sub("_", name).lower())


def _forms(name: str) -> Iterator[str]:
    yield name
    yield f"{name}s"
    yield f"{name}es"
    if name.endswith("y"):
        yield f"{name[:-1]}ies"


def _at(module: ModuleType, qualname: str) -> Any:
    # Use dictionaries only, because an object's attribute may be computed.
    found: Any = module
    for part in qualname.split("."):
        found = vars(found).get(part) if isinstance(found, type) or found is module else None
    return found


def _table_of(cls: type) -> str | None:
    """Return the table that a class is mapped to, as SQLAlchemy or Django record it."""
    for owner in cls.__mro__:
        mapped = vars(owner)
        for holder, attribute in (("__table__", "name"), ("_meta", "db_table")):
            try:
                name = getattr(mapped.get(holder), attribute, None)
            except Exception:  # noqa: BLE001 - a failing look-up proves nothing
                return None
            if isinstance(name, str):
                return str(name)
    return None
