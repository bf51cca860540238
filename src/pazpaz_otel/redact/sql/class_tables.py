"""The tables whose names are made of their classes': SQLModel's rule, `declared_attr.directive`, Django's.

The class's name stands in the source, and a table's is proven if it says nothing beside it: the class's letters in
small or with underscores between words, singular or plural, with what the source's `__tablename__` functions or the
class's own module put before or after. A class that is made at run time, as by reflection, has no statement in the
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
_LONGEST_PIECE: Final = 32


class ClassTables:
    """The classes of the application's source, and the tables that those among them have which are loaded."""

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], ModuleType] = {}
        self._pieces: set[str] = {""}

    def take(self, module: ModuleType, root: CodeType) -> None:
        """Learn of the classes that a module's source states, and of what its functions make names with."""
        for code in nested(root):
            if code.co_name == _NAMING_FUNCTION:
                self._pieces.update(_short(code))
            elif is_class(code) and "<locals>" not in code.co_qualname:
                self._pending[module.__name__, code.co_qualname] = module

    def loaded(self) -> Iterator[str]:
        """Give the tables of classes that were loaded since, where the class's name proves the table's."""
        for (module_name, name), module in list(self._pending.items()):
            found = _at(module, name)
            if found is None:
                # It may be about to be made, while its module is being imported.
                if not getattr(module.__spec__, "_initializing", False):
                    del self._pending[module_name, name]
                continue
            del self._pending[module_name, name]
            if isinstance(found, type) and found.__module__ == module_name and found.__qualname__ == name:
                table = _table_of(found)
                if table is not None and self._is_of(table, found.__name__, module_name.split(".")):
                    yield table

    def _is_of(self, table: str, name: str, parts: Iterable[str]) -> bool:
        forms = set(_forms(name.lower()))
        before = self._pieces | {f"{part}_" for part in parts}
        return any(
            _squeezed(table[len(first) : len(table) - len(last)]) in forms
            for first in before
            if table.startswith(first)
            for last in self._pieces
            if table.endswith(last) and len(first) + len(last) < len(table)
        )


def is_class(code: CodeType) -> bool:
    """Return whether a code object is the body of a class statement."""
    return set(code.co_names) >= _MARKS_OF_A_CLASS


def names_of(name: str) -> Iterator[str]:
    """Give the names that the usual rules make of a class's: `orderitem`, `order_item`, each in the plural as well."""
    yield from _forms(name.lower())
    yield from _forms(_WORDS.sub("_", name).lower())


def _forms(name: str) -> Iterator[str]:
    yield name
    yield f"{name}s"
    yield f"{name}es"
    if name.endswith("y"):
        yield f"{name[:-1]}ies"


def _squeezed(name: str) -> str:
    return name.replace("_", "").lower()


def _short(code: CodeType) -> Iterator[str]:
    return (text for text in code.co_consts if type(text) is str and len(text) <= _LONGEST_PIECE)


def _at(module: ModuleType, qualname: str) -> Any:
    # Dictionaries only: an attribute of somebody's object may be computed.
    found: Any = module
    for part in qualname.split("."):
        found = vars(found).get(part) if isinstance(found, type) or found is module else None
    return found


def _table_of(cls: type) -> str | None:
    """Return the name of the table that a class is mapped to, as SQLAlchemy or Django keep it."""
    for owner in cls.__mro__:
        mapped = vars(owner)
        for holder, attribute in (("__table__", "name"), ("_meta", "db_table")):
            try:
                name = getattr(mapped.get(holder), attribute, None)
            except Exception:  # noqa: BLE001 - what can't be asked proves nothing
                return None
            if isinstance(name, str):
                return str(name)
    return None
