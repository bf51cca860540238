"""Summarise a guarded statement by operation and table, to name a query's span."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.containment import in_doubt
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.sql.sanitiser import MAX_CACHED_LENGTH, operation, unquoted
from pazpaz_otel.redact.sql.tokens import BLANK, Kind, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.redact.sql.tokens import Token

_TABLE = re.compile(r"[^\W\d]\w{0,62}(?:\.[^\W\d]\w{0,62}){0,2}")
_BEFORE_TABLE: Final = {
    "SELECT": frozenset({"FROM"}),
    "DELETE": frozenset({"FROM"}),
    "INSERT": frozenset({"INTO"}),
    "REPLACE": frozenset({"INTO"}),
    "MERGE": frozenset({"INTO"}),
    "UPDATE": frozenset({"UPDATE"}),
    "TRUNCATE": frozenset({"TRUNCATE", "TABLE"}),
    "CREATE": frozenset({"TABLE"}),
    "ALTER": frozenset({"TABLE"}),
    "DROP": frozenset({"TABLE"}),
    "COPY": frozenset({"COPY"}),
}
"""The words that come before a statement's table."""
_BETWEEN: Final = frozenset({"ONLY", "TABLE", "IF", "NOT", "EXISTS", "LATERAL", "OR", "IGNORE"})

_summaries: FifoCache[tuple[str, str], str | None] = FifoCache(2048)


def summary(statement: str, dialect: str) -> str | None:
    """Return a guarded statement's operation and main table (``SELECT clients``).

    Args:
        statement: the result of `sanitise`.
        dialect: as for `sanitise`.

    Returns:
        The operation alone if no table is known, or None if there is no operation. Never raises.
    """
    key = (statement, dialect)
    if key in _summaries:
        return _summaries[key]
    found = _summary(statement, dialect)
    return _summaries.keep(key, found) if len(statement) <= MAX_CACHED_LENGTH else found


@in_doubt(answer=None)
def _summary(statement: str, dialect: str) -> str | None:
    named = operation(statement, dialect)
    if named not in _BEFORE_TABLE:
        return named
    parts = (part for part in tokens(statement, dialect) if part[0] not in BLANK)
    if statement[:4].upper() != "WITH":
        # Its table is near its beginning, and it may be long.
        name = _table(parts, _BEFORE_TABLE[named], 0)
    else:
        listed = list(parts)
        name, expressions = _table(listed, _BEFORE_TABLE[named], 0), _common_expressions(listed)
        if name in expressions:
            # A common table expression reads what its own query reads.
            name = next((table for table in _tables_inside(listed) if table not in expressions), "")
    return f"{named} {name}" if name and _TABLE.fullmatch(name) else named


def _common_expressions(parts: list[Token]) -> set[str]:
    """Return the names of a statement's common table expressions."""
    triples = zip(parts, parts[1:], parts[2:], strict=False)
    return {_plain(*name) for name, word, mark in triples if (word[1].upper(), mark[1]) == ("AS", "(")}


def _tables_inside(parts: list[Token]) -> Iterator[str]:
    """Yield the tables that queries in parentheses read."""
    for index, (kind, text) in enumerate(parts):
        if kind is Kind.WORD and text.upper() == "FROM":
            yield _table(parts[index:], frozenset({"FROM"}), 0)


def _plain(kind: Kind, text: str) -> str:
    return unquoted(text) if kind is Kind.QUOTED else text


def _table(parts: Iterable[Token], wanted: frozenset[str], depth: int) -> str:
    """Return the name after the first of the given words outside parentheses, or an empty text."""
    after, name = False, ""
    for kind, text in parts:
        if kind is Kind.MARK:
            depth += (text == "(") - (text == ")")
            if name and text == ".":
                name += text
                continue
        elif after and kind in (Kind.WORD, Kind.QUOTED) and (not name or name.endswith(".")):
            if text.upper() not in _BETWEEN:
                name += _plain(kind, text)
            continue
        if name:
            break
        if after:
            # A subquery or an unknown name.
            return ""
        after = kind is Kind.WORD and depth == 0 and text.upper() in wanted
    return name
