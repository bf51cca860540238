"""Remove everything from SQL statements that may be data.

Kept are keywords, operators, the dialect's own types and functions, parameter marks, and known identifiers. Everything
else (strings of every form, numbers, unknown identifiers) becomes ``?``; comments are removed. The result consists of
closed sets of words, so that even a misread statement can't let a value out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import drops
from pazpaz_otel.redact.containment import contain
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.sql.tokens import BLANK, Kind, tokens
from pazpaz_otel.redact.sql.words import CATALOGUE, FUNCTIONS, KEYWORDS, OPERATIONS, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pazpaz_otel.redact.sql.tokens import Token

MAX_LENGTH: Final = 64 * 1024
UNKNOWN: Final = "?"

MAX_CACHED_LENGTH: Final = 4 * 1024
_MAX_IDENTIFIER: Final = 128
_POSITIONAL = re.compile(r"\?\d{0,5}|\$\d{1,5}|%s")
_NAMED = re.compile(r"(?::|%\()(\w+)(?:\)s)?")
# SQLAlchemy's own names: anon_1, param_1, count_1, users_1 (an alias), name_1 (a parameter), users_id, users_id__1 (a
# label); imp_sen, p0 and sen_counter where it inserts many rows at once. Django's aliases of tables and columns are T3,
# U0 and col1, Peewee's t1.
_GENERATED = re.compile(r"(?:anon|param|func|pk)_\d{1,3}|imp_sen|sen_counter|p\d{1,3}|(?:[TUVt]|(?:__)?col)\d{1,2}")
_NUMBERED = re.compile(r"(.+?)_{1,2}\d{1,3}(?:_\d)?")
# Prefixes that naming conventions add.
_CONVENTIONAL: Final = frozenset({"ix", "uq", "ck", "fk", "pk", "idx"})
# Suffixes that PostgreSQL adds to the names of a table and its columns.
_SUFFIXES: Final = frozenset({"pkey", "fkey", "key", "check", "excl", "idx", "seq"})
_MAX_PARTS: Final = 5
_MARKS: Final = (
    rf"\((?:[ ,]|%\(\w+\)s|__\[POSTCOMPILE_\w+\]|[?$:%][\w?$:%]*|(?<!\w)(?:{'|'.join(sorted(TYPES))})(?!\w))*+\)"
)
"""A list of parameter marks, with casts."""
_IN_LIST: Final = re.compile(rf"\b(IN) ?{_MARKS}", re.IGNORECASE)
_ROWS: Final = re.compile(rf"\b(VALUES ?{_MARKS})(?: *, *{_MARKS})+", re.IGNORECASE)
_ALWAYS = KEYWORDS | TYPES

_cache: FifoCache[tuple[object, ...], str | None] = FifoCache(2048)
_long_cache: FifoCache[tuple[object, ...], str | None] = FifoCache(32)
_operations: FifoCache[tuple[str, str], str | None] = FifoCache(2048)


def _unwritten(_: str) -> None:
    """Return None, as for a statement without a known source."""


def sanitise(
    statement: str, dialect: str, known: Callable[[str], bool], written: Callable[[str], str | None] = _unwritten
) -> str | None:
    """Return `statement` as it is in the source, or with ``?`` for everything that isn't SQL or known.

    Args:
        statement: the text sent to the database.
        dialect: SQLAlchemy's dialect name (with or without a driver) or semconv's ``db.system.name``.
        known: returns whether an unquoted identifier is one of the application's own. Results are cached: if it accepts
            other names, pass another callable, or increment its ``epoch`` (a method's object's ``epoch``).
        written: returns the statement in the program's source that matches, if any, which then leaves unchanged.

    Returns:
        The statement on one line, or None if the dialect is unknown, or the text doesn't tokenise or is too long. Never
        raises.
    """
    try:
        key = (statement, dialect, known, getattr(getattr(known, "__self__", known), "epoch", 0))
        cache = _cache if len(statement) <= MAX_CACHED_LENGTH else _long_cache
        if key in cache:
            return cache[key]
        if len(statement) > MAX_LENGTH:
            return None
        safe = written(statement) or _sanitise(statement, dialect, known)
        return cache.keep(key, safe)
    except Exception as error:  # noqa: BLE001  # a statement in doubt is dropped
        contain(error)
        return None


def operation(statement: str, dialect: str = "postgresql") -> str | None:
    """Return the statement's operation in capitals (``SELECT``), after comments and common table expressions.

    Returns:
        A word of `OPERATIONS`, or None if the first word isn't SQL's own, or the text doesn't tokenise. Never raises.
    """
    try:
        key = (statement, dialect)
        if key in _operations:
            return _operations[key]
        found = _operation(statement, dialect)
        return _operations.keep(key, found) if len(statement) <= MAX_CACHED_LENGTH else found
    except Exception as error:  # noqa: BLE001  # a statement in doubt has no name
        contain(error)
        return None


def _operation(statement: str, dialect: str) -> str | None:
    depth, first = 0, None
    for kind, text in tokens(statement, dialect):
        if kind is Kind.MARK:
            depth += (text == "(") - (text == ")")
            continue
        if kind in BLANK:
            continue
        word = text.upper() if kind is Kind.WORD else ""
        if first is None:
            first = word if word in OPERATIONS else None
            if first != "WITH":
                return first
        elif depth == 0 and word in {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES"}:
            return word
    return first


def _sanitise(statement: str, dialect: str, known: Callable[[str], bool]) -> str | None:
    safe = _once(statement, dialect, known)
    # A result that doesn't sanitise to itself was assembled from pieces of something else.
    return safe if safe == _once(safe, dialect, known) else None


def _once(statement: str, dialect: str, known: Callable[[str], bool]) -> str:
    words = list(_judge(list(tokens(statement, dialect)), known))
    # Whatever their number, the values of a list are one, and so are the rows of `VALUES`.
    return _IN_LIST.sub(r"\1 (?)", _ROWS.sub(r"\1", "".join(words))).strip()


def _judge(parts: list[Token], known: Callable[[str], bool]) -> Iterator[str]:
    for index, (kind, text) in enumerate(parts):
        if kind in BLANK:
            if index and parts[index - 1][0] not in BLANK:
                yield " "
        elif kind is Kind.MARK:
            yield text
        elif kind is Kind.PARAMETER:
            yield text if _is_parameter(text, known) else UNKNOWN
        elif kind is Kind.QUOTED:
            yield text if is_identifier(unquoted(text), known) else _unknown(unquoted(text))
        elif kind is Kind.WORD:
            yield text if _is_word(parts, index, known) else _unknown(text)
        else:
            yield UNKNOWN


def _unknown(word: str) -> str:
    drops.tell("sql", "unproven_text", word)
    return UNKNOWN


def _is_word(parts: list[Token], index: int, known: Callable[[str], bool]) -> bool:
    text = parts[index][1]
    upper = text.upper()
    if upper in _ALWAYS or (upper in FUNCTIONS and _is_called(parts, index)):
        return True
    return is_identifier(text, known)


def is_identifier(name: str, known: Callable[[str], bool]) -> bool:
    """Return whether a name is known, SQL's own, or derived from such names by SQLAlchemy or a convention."""
    if len(name) > _MAX_IDENTIFIER:
        return False
    if _is_name(name, known) or _GENERATED.fullmatch(name):
        return True
    numbered = _NUMBERED.fullmatch(name)
    base = numbered[1] if numbered else name
    return (numbered is not None and (_is_name(base, known) or base.upper() in FUNCTIONS)) or _is_label(base, known)


def _is_name(name: str, known: Callable[[str], bool]) -> bool:
    # Unquoted names are case-insensitive in SQL.
    return known(name) or known(name.lower()) or name.lower() in CATALOGUE


def _is_label(name: str, known: Callable[[str], bool], depth: int = 0) -> bool:
    """Return whether a name is assembled from known ones: a label, an index or a constraint by convention."""
    cut = name.find("_")
    while cut > 0:
        first, rest = name[:cut], name[cut + 1 :]
        if (known(first) or first in _CONVENTIONAL) and (
            known(rest) or rest in _SUFFIXES or (depth < _MAX_PARTS and _is_label(rest, known, depth + 1))
        ):
            return True
        cut = name.find("_", cut + 1)
    return False


def _is_parameter(text: str, known: Callable[[str], bool]) -> bool:
    if _POSITIONAL.fullmatch(text):
        return True
    named = _NAMED.fullmatch(text)
    return named is not None and (is_identifier(named[1], known))


def unquoted(text: str) -> str:
    """Return a quoted name without its quotes."""
    quote = text[-1]
    inner = text[text.index("[" if quote == "]" else quote) + 1 : -1]
    return inner if quote == "]" else inner.replace(quote * 2, quote)


def _is_called(parts: list[Token], index: int) -> bool:
    """Return whether a parenthesis follows, optionally after a space."""
    for kind, text in parts[index + 1 : index + 3]:
        if kind is not Kind.SPACE:
            return text == "("
    return False
