"""The SQL in the application's source: whole statements, and the names in statements.

A table or column is known if the source declares it or uses it in a piece of SQL, never because it exists: tables that
are reflected, or created from a file's header row, can have any name. The application is every loaded module outside
the standard library and the installed packages, plus the models that a framework has a registry of.

An executed statement is found by a normal form: a driver's marks replace its parameters (`:id`, `%(id)s`, `$1::UUID`,
`?`), a list of values may replace one parameter, and percent signs are doubled.
"""

from __future__ import annotations

import contextlib
import dis
import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Final

from pazpaz_otel import forks
from pazpaz_otel.imports import Loaded, loaded_state
from pazpaz_otel.redact.databases import Databases
from pazpaz_otel.redact.provenance.code_index import nested, readable_code
from pazpaz_otel.redact.provenance.installed import is_application
from pazpaz_otel.redact.provenance.source import strings_of
from pazpaz_otel.redact.sql.class_tables import ClassTables, is_class, names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType

_MAX_TEXT_LENGTH: Final = 64 * 1024

_STATEMENT: Final = re.compile(
    r"\s*\(?\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|REPLACE|VALUES|CREATE|ALTER|DROP|TRUNCATE|EXPLAIN|CALL|SET|SHOW"
    r"|REFRESH|VACUUM|ANALYZE|LOCK|NOTIFY|LISTEN|COPY|GRANT|REVOKE|PRAGMA|REINDEX|COMMENT)\b",
    re.IGNORECASE,
)
# Capitals count anywhere, lower case only where prose wouldn't have these words.
_PIECE: Final = re.compile(
    r"\b(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|JOIN|HAVING|RETURNING|VALUES|LIMIT|UNION|(?:ORDER|GROUP|PARTITION) BY"
    r"|(?:AND|OR|ON|SET|NOT) [^=<>]{1,80}(?:[=<>]| (?:IN|IS|LIKE|ILIKE|BETWEEN)\b))"
    r"|^\s*(?:select\s[^.]*\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\()"
    r"|^\s*(?:from|where|and|or|order by|group by|having|(?:(?:left|right|inner|full|cross|outer) )*join|returning)"
    r"\s+\w+(?:\.\w+)?\s*(?:[=<>,)]|$|\b(?:in|is|like|ilike|between|on|as|asc|desc)\b)"
)
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d]\w{0,62}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{5}")
_FILE: Final = re.compile(r"[\w./-]{1,200}\.(?:db|sqlite3?)", re.ASCII)
# Calls that name a table, a column or a label: their text arguments are such names.
_NAMING_CALLS: Final = frozenset(
    """
    Table Column mapped_column column literal_column table Index UniqueConstraint CheckConstraint ForeignKey
    ForeignKeyConstraint PrimaryKeyConstraint ExcludeConstraint Sequence label alias aliased cte subquery lateral
    create_table add_column create_index create_foreign_key create_unique_constraint create_check_constraint bindparam
    """.split()
)
# Names in the body of a class that declares a table; the names that it sets are columns.
_DECLARING_NAMES: Final = frozenset(
    "mapped_column Column relationship __tablename__ Mapped db_table table_name".split()
)
_MAPPED: Final = ("Mapped[", "Optional[Mapped")
# A cast that SQLAlchemy adds after asyncpg's mark.
_CAST: Final = r"::\w+(?: (?:WITH|WITHOUT) TIME ZONE| PRECISION| VARYING)?(?:\(\d+(?:, ?\d+)?\))?(?:\[\])?"
_PARAMETER: Final = re.compile(rf"%\(\w+\)s|%s|\$\d+(?:{_CAST})?|(?<![:\w]):[A-Za-z_]\w*|\?\d*|__\[POSTCOMPILE_\w+\]")
_LIST: Final = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)")
_IN: Final = re.compile(r"\bIN \?", re.IGNORECASE)


class SourceNames:
    """The SQL in the application's loaded modules; modules loaded later are read when they are needed."""

    def __init__(self) -> None:
        self._lock = forks.lock()
        self._read: set[str] = set()
        self._state: Loaded | None = None
        # The key of a table whose class declares none, in Django, Peewee and Tortoise.
        self._words: set[str] = {"id"}
        self._statements: dict[str, str] = {}
        self._databases = Databases()
        self._files: set[str] = set()
        self._functions: set[str] = set()
        self._tables = ClassTables()
        self._model_modules: Callable[[], Iterable[str]] = tuple

    def add_models(self, modules: Callable[[], Iterable[str]]) -> None:
        """Read the modules with a framework's models, too, whoever wrote them; `modules` returns their names now."""
        self._model_modules = modules
        self._state = None

    def knows(self, name: str) -> bool:
        """Return whether the source declares or uses this table, column or label."""
        if name in self._words:
            return True
        with self._lock:
            self._read_new()
            # A class has its table once it is mapped, which may be after its module was read.
            self._words.update(filter(_is_name, self._tables.loaded()))
        return name in self._words

    def statement(self, text: str) -> str | None:
        """Return the source's statement that matches `text`, on one line; parameters may be marked differently."""
        form = form_of(text)
        if form not in self._statements and not (self._refresh() and form in self._statements):
            return None
        return self._statements[form]

    def databases(self) -> Databases:
        """Return the databases in the URLs in the source."""
        self._refresh()
        return self._databases

    def has_file(self, name: str) -> bool:
        """Return whether a database file of this name is in the source."""
        return name in self._files or (self._refresh() and name in self._files)

    def has_function(self, name: str) -> bool:
        """Return whether the source defines a function or class of this name."""
        return name in self._functions or (self._refresh() and name in self._functions)

    def _refresh(self) -> bool:
        """Read newly loaded modules; return False if there are none."""
        if loaded_state() == self._state:
            return False
        with self._lock:
            self._read_new()
        return True

    def _read_new(self) -> None:
        state = loaded_state()
        if state == self._state:
            return
        models: Iterable[str] = ()
        with contextlib.suppress(Exception):
            models = frozenset(self._model_modules())
        for name, module in list(sys.modules.items()):
            if (
                name not in self._read
                and isinstance(module, ModuleType)
                and (name in models or is_application(name, module.__dict__))
            ):
                self._take(module)
                # Last, because a fork may stop this half-way.
                self._read.add(name)
        self._state = state

    def _take(self, module: ModuleType) -> None:
        root = readable_code(module)
        if root is None:
            return
        self._tables.take(module, root)
        for code in nested(root):
            texts = strings_of(code)
            names = frozenset(code.co_names)
            if _is_name(code.co_name):
                self._functions.add(code.co_name)
            if not names.isdisjoint(_NAMING_CALLS):
                self._words.update(filter(_is_name, _arguments(code)))
            has_fields = is_class(code) and _has_fields(names)
            if has_fields or (code.co_name != "<module>" and _declares(names, texts)):
                self._words.update(filter(_is_name, (*texts, *names)))
                if has_fields or (is_class(code) and "<locals>" in code.co_qualname):
                    # No module holds a class created in a function, so its table can't be looked up; Django and Peewee
                    # name columns that refer to a model after it.
                    self._words.update(filter(_is_name, names_of(code.co_name)))
            for text in texts:
                if len(text) <= _MAX_TEXT_LENGTH:
                    self._take_text(text)

    def _take_text(self, text: str) -> None:
        if "://" in text:
            self._databases.take(text)
        if text.endswith((".db", ".sqlite", ".sqlite3")) and _FILE.fullmatch(text):
            self._files.add(text.rpartition("/")[2])
        if _PIECE.search(text):
            self._words.update(filter(_is_name, _WORD.findall(_LITERAL.sub(" ", text))))
        if _STATEMENT.match(text):
            self._statements.setdefault(form_of(text), " ".join(text.split()))


def _arguments(code: CodeType) -> Iterator[str]:
    """Yield the texts that a code object passes to calls that name a table, a column or a label."""
    depth = 0
    for instruction in dis.get_instructions(code):
        value = instruction.argval
        if instruction.opname.startswith("CALL"):
            depth = max(0, depth - 1)
        elif instruction.opname.startswith("LOAD") and type(value) is str and instruction.opname != "LOAD_CONST":
            depth += value in _NAMING_CALLS
        elif depth and instruction.opname == "LOAD_CONST":
            for text in value if type(value) is tuple else (value,):
                if type(text) is str:
                    yield text


SOURCE: Final = SourceNames()
"""This process's names."""


def _declares(names: frozenset[str], texts: frozenset[str]) -> bool:
    """Return whether a class's body declares a table, by what it calls or annotates."""
    return not names.isdisjoint(_DECLARING_NAMES) or any(text.startswith(_MAPPED) for text in texts)


def _has_fields(names: frozenset[str]) -> bool:
    """Return whether a class's body uses the fields of Django, Peewee, Tortoise or SQLModel."""
    return "models" in names or any(name.endswith("Field") for name in names)


def _is_name(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and _LONG_NUMBER.search(text) is None


def form_of(statement: str) -> str:
    """Return a statement with single spaces, and one mark for each parameter or list of parameters."""
    plain = " ".join(_PARAMETER.sub("?", statement.replace("%%", "%")).split())
    return _IN.sub("IN (?)", _LIST.sub("(?)", plain)).rstrip("; ")
