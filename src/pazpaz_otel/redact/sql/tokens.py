"""A tokenizer for the lexical rules of PostgreSQL, MySQL/MariaDB and SQLite.

The dialects differ in what matters most here: where a string ends. A backslash escapes in MySQL and in PostgreSQL's
``E''``, and is an ordinary character elsewhere; a dollar sign quotes in PostgreSQL; double quotes enclose a string in
MySQL and a name elsewhere; comments nest only in PostgreSQL. Sources: PostgreSQL manual 4.1 "Lexical Structure", MySQL
reference manual chapter "Language Structure", SQLite "Tokens" (``tokenize.c``).
"""

from __future__ import annotations

import functools
import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(Enum):
    """The kinds of tokens."""

    SPACE = auto()
    COMMENT = auto()
    STRING = auto()
    NUMBER = auto()
    PARAMETER = auto()
    QUOTED = auto()
    WORD = auto()
    MARK = auto()


Token = tuple[Kind, str]
BLANK: Final = (Kind.SPACE, Kind.COMMENT)
"""What separates tokens. An enumeration's members are slow to look up."""

_WORD = r"[^\W\d][\w$]*"
_NUMBER = r"0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?"
_PLAIN = r"'(?:[^']|'')*'"
_BACKSLASH = r"'(?:[^'\\]|\\.|'')*'"
_DOUBLE = r'"(?:[^"]|"")*"'
_BACKTICK = r"`(?:[^`]|``)*`"
_POSTCOMPILE = r"__\[POSTCOMPILE_[^\]]*\]"
_PYFORMAT = r"%s|%\([^()]*\)s"
_BLOCK = r"/\*.*?\*/"


def _table(**rules: str) -> str:
    return "|".join(f"(?P<{name}>{rule})" for name, rule in rules.items())


_POSTGRESQL = _table(
    SPACE=r"\s+",
    COMMENT=r"--[^\n\r]*",
    NESTED=r"/\*",
    STRING=rf"[eE]{_BACKSLASH}|[nNbBxX]{_PLAIN}|[uU]&{_PLAIN}|{_PLAIN}|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$",
    QUOTED=rf"[uU]&{_DOUBLE}|{_DOUBLE}",
    PARAMETER=rf"{_POSTCOMPILE}|{_PYFORMAT}|\$\d+|(?<!:):{_WORD}|\?",
    WORD=_WORD,
    NUMBER=_NUMBER,
    MARK=r"::|:=|[-+*/<>=~!@#%^&|,.;:()\[\]]",
)
_MYSQL = _table(
    SPACE=r"\s+",
    COMMENT=rf"--(?=[\s\x00-\x1f]|\Z)[^\n]*|\#[^\n]*|{_BLOCK}",
    STRING=rf'[nNbBxX]{_BACKSLASH}|{_BACKSLASH}|"(?:[^"\\]|\\.|"")*"',
    QUOTED=_BACKTICK,
    PARAMETER=rf"{_POSTCOMPILE}|{_PYFORMAT}|:{_WORD}|\?|@@?(?:{_WORD}|{_BACKTICK}|{_BACKSLASH})",
    WORD=rf"{_WORD}|\$[\w$]+",
    NUMBER=_NUMBER,
    MARK=r":=|[-+*/<>=~!@%^&|,.;:()]",
)
_SQLITE = _table(
    SPACE=r"\s+",
    COMMENT=r"--[^\n]*|/\*.*?(?:\*/|\Z)",
    STRING=rf"[xX]{_PLAIN}|{_PLAIN}",
    QUOTED=rf"{_DOUBLE}|{_BACKTICK}|\[[^\]]*\]",
    PARAMETER=rf"{_POSTCOMPILE}|{_PYFORMAT}|\?\d*|[:@#$]{_WORD}(?:::{_WORD})*(?:\([^()]*\))?",
    WORD=_WORD,
    NUMBER=_NUMBER,
    MARK=r"[-+*/<>=~!%&|,.;()]",
)

# SQLAlchemy's dialect and driver names, and the values of semconv's `db.system` and `db.system.name`.
_TABLES: Final[dict[str, str]] = {
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    "cockroachdb": _POSTGRESQL,
    "redshift": _POSTGRESQL,
    "aws.redshift": _POSTGRESQL,
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": _SQLITE,
}
_KINDS: Final[dict[str | None, Kind]] = {"NESTED": Kind.COMMENT, **{kind.name: kind for kind in Kind}}
_NESTED = re.compile(r"/\*|\*/")


def tokens(statement: str, dialect: str) -> Iterator[Token]:
    """Split `statement` into tokens, which joined are the statement again.

    Raises:
        KeyError: there is no tokenizer for `dialect`.
        ValueError: the statement ends inside a token, or has a character that the dialect doesn't allow.
    """
    match_at = _compiled(_TABLES[dialect.partition("+")[0].lower()]).match
    position, length = 0, len(statement)
    while position < length:
        match = match_at(statement, position)
        if match is None:
            raise ValueError("not a token of this dialect")
        rule, end = match.lastgroup, match.end()
        if rule == "NESTED":
            end = _end_of_nested(statement, end)
        yield _KINDS[rule], statement[position:end]
        position = end


@functools.cache
def _compiled(table: str) -> re.Pattern[str]:
    # Compiled when needed: a process uses one dialect, and each takes some milliseconds.
    return re.compile(table, re.DOTALL)


def _end_of_nested(statement: str, position: int) -> int:
    depth = 1
    while depth:
        match = _NESTED.search(statement, position)
        if match is None:
            raise ValueError("a comment that doesn't end")
        depth += 1 if match.group() == "/*" else -1
        position = match.end()
    return position
