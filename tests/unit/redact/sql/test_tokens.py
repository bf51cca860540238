"""The tokenizer agrees with an independent one on where literals begin and end."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import Dialect
from sqlglot.tokens import TokenType

from pazpaz_otel.redact.sql.tokens import Kind, tokens

LITERALS = {
    "postgres": r"""
        'it''s' E'it\'s' e'\\' 'C:\' $$it's$$ $t$a$$b$t$ $a$'x'$a$ '' 'a''''b' '--none' '/*none*/' E'\n'
    """.split(),
    "mysql": r"""'it''s' 'it\'s' '\\' "it's" "a""b" "a\"b" '' '#none' '--none' '/*none*/'""".split(),
    "sqlite": r"""'it''s' 'C:\' '/*none*/' '' 'a''''b' '--none' x'1f' '"'""".split(),
}
COMMENTS = {
    "postgres": ["-- it's\n", "/* it's */", "/* /* nested ' */ ' */", "--\n"],
    "mysql": ["-- it's\n", "# it's\n", "/* it's */"],
    "sqlite": ["-- it's\n", "/* it's */", "--\n"],
}
NUMBERS = ["1", "1.5", "1e3", "1.5e-3"]
NAMES = {"postgres": "postgresql", "mysql": "mysql", "sqlite": "sqlite"}
_TEXTS = {TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING, TokenType.BYTE_STRING, TokenType.HEX_STRING}


def _theirs(statement: str, dialect: str) -> list[str]:
    return [
        "?" if token.token_type in _TEXTS or token.token_type is TokenType.NUMBER else token.text.lower()
        for token in Dialect.get_or_raise(dialect).tokenize(statement)
    ]


def _ours(statement: str, dialect: str) -> list[str]:
    return [
        "?" if kind in (Kind.STRING, Kind.NUMBER) else text.lower()
        for kind, text in tokens(statement, NAMES[dialect])
        if kind not in (Kind.SPACE, Kind.COMMENT)
    ]


@st.composite
def _statements(draw: st.DrawFn) -> tuple[str, str]:
    dialect = draw(st.sampled_from(sorted(LITERALS)))
    piece = st.sampled_from([*LITERALS[dialect], *NUMBERS, *COMMENTS[dialect]])
    pieces = draw(st.lists(piece, min_size=1, max_size=8))
    return dialect, "select " + " , ".join(pieces) + " from t where x = y"


@given(_statements())
def test_literals_end_where_an_independent_tokenizer_says(drawn: tuple[str, str]):
    """Words between literals and comments are the same words for both, so no literal runs over or ends early."""
    dialect, statement = drawn
    assert _ours(statement, dialect) == _theirs(statement, dialect)


SQLITE = [*LITERALS["sqlite"], '"a""b"', "`a``b`", "[a'b]", "0x1f", "1e3", ".5", "?1", ":name", "@n", "$n"]


@pytest.mark.parametrize("literal", SQLITE)
def test_what_sqlite_reads_as_one_literal_is_one_token(literal: str):
    """SQLite itself takes the literal for one expression, and so does the tokenizer."""
    database = sqlite3.connect(":memory:")
    database.execute('CREATE TABLE t ("a""b", "a`b", "a\'b")')
    parameters = {"name": 1, "n": 1} if literal[0] in ":@$" else [1] if literal == "?1" else []
    assert len(database.execute(f"SELECT {literal} FROM t", parameters).description) == 1
    assert len(list(tokens(literal, "sqlite"))) == 1


@given(st.text(max_size=60), st.sampled_from(sorted(NAMES.values())))
def test_tokens_put_together_are_the_statement(statement: str, dialect: str):
    """No character is lost or read twice."""
    try:
        cut = list(tokens(statement, dialect))
    except ValueError:
        return
    assert "".join(text for _, text in cut) == statement
