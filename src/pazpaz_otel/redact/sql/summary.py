"""What a guarded statement does, and to which table: the name of a query's span."""

from __future__ import annotations

import re
from typing import Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.sql.sanitiser import SHORT, operation, unquoted
from pazpaz_otel.redact.sql.tokens import Kind, tokens

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
"""The words that a statement's table follows."""
_BETWEEN: Final = frozenset({"ONLY", "TABLE", "IF", "NOT", "EXISTS", "LATERAL", "OR", "IGNORE"})

_summaries: FifoCache[tuple[str, str], str | None] = FifoCache(2048)


def summary(statement: str, dialect: str) -> str | None:
    """Return a guarded statement's operation and the table that it is about (``SELECT clients``).

    Args:
        statement: as `sanitise` returned it.
        dialect: as for `sanitise`.

    Returns:
        The operation alone where no table is known; None where there is no operation. Never raises.
    """
    key = (statement, dialect)
    if key in _summaries:
        return _summaries[key]
    try:
        found = _summary(statement, dialect)
    except Exception:  # noqa: BLE001  # a statement in doubt has no name
        found = None
    return _summaries.keep(key, found) if len(statement) <= SHORT else found


def _summary(statement: str, dialect: str) -> str | None:
    named = operation(statement, dialect)
    if named not in _BEFORE_TABLE:
        return named
    wanted, depth = _BEFORE_TABLE[named], 0
    after, name = False, ""
    for kind, text in tokens(statement, dialect):
        if kind in (Kind.SPACE, Kind.COMMENT):
            continue
        if kind is Kind.MARK:
            depth += (text == "(") - (text == ")")
            if name and text == ".":
                name += text
                continue
        elif after and kind in (Kind.WORD, Kind.QUOTED) and (not name or name.endswith(".")):
            if text.upper() not in _BETWEEN:
                name += unquoted(text) if kind is Kind.QUOTED else text
            continue
        if name:
            break
        if after:
            # A subquery, or a name that isn't known.
            return named
        after = kind is Kind.WORD and depth == 0 and text.upper() in wanted
    return f"{named} {name}" if name and _TABLE.fullmatch(name) else named
