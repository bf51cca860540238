"""SQL leaves without literals, comments and unknown identifiers, whatever the dialect's rules for them are."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pazpaz_otel.redact.sql.sanitiser import operation, sanitise
from pazpaz_otel.redact.sql.source_names import form_of
from pazpaz_otel.redact.sql.summary import summary
from pazpaz_otel.redact.sql.words import CATALOGUE, FUNCTIONS, KEYWORDS, TYPES

KNOWN = frozenset({"users", "clients", "session_notes", "id", "name", "first_name", "email", "created_at", "is_active"})
DIALECTS = ("postgresql", "mysql", "sqlite")
PHI = (
    "דנה לוי-אברמוב",
    "ليلى عبد الرحمن",
    "Анна Каренина",
    "Dana Levi-Abramov",
    "dana_levi_abramov",
    "DANALEVIABRAMOV",
    "312345678",
    "+972-54-123-4567",
    "dana.levi@example.org",
    "1984-02-29",
    "F32.1 moderate depression",
    "S: client's knee \\' \" ` ] $$ /* -- # pain",
)


def known(name: str) -> bool:
    return name in KNOWN


def _quoted(text: str, quote: str = "'") -> str:
    return quote + text.replace(quote, quote * 2) + quote


@pytest.mark.parametrize(
    ("statement", "dialect", "expected"),
    [
        (
            "SELECT users.id, users.name AS users_name \nFROM users \nWHERE users.id = $1::UUID",
            "postgresql+asyncpg",
            "SELECT users.id, users.name AS users_name FROM users WHERE users.id = $1::UUID",
        ),
        (
            "SELECT count(*) AS count_1 FROM (SELECT users.id AS users_id FROM users AS users_1) AS anon_1",
            "sqlite",
            "SELECT count(*) AS count_1 FROM (SELECT users.id AS users_id FROM users AS users_1) AS anon_1",
        ),
        ("select Users.ID from USERS", "postgresql", "select Users.ID from USERS"),
        ("SELECT lower, lower(name) FROM users", "postgresql", "SELECT ?, lower(name) FROM users"),
        ('SELECT "users".id, "secret"."x" FROM "users"', "postgresql", 'SELECT "users".id, ?.? FROM "users"'),
        ("SELECT `users`.`id`, `secret` FROM `users`", "mysql", "SELECT `users`.`id`, ? FROM `users`"),
        ("SELECT [users].[id], [secret] FROM [users]", "sqlite", "SELECT [users].[id], ? FROM [users]"),
        ("SELECT id FROM users WHERE name = %(name_1)s", "postgresql+psycopg", None),
        ("SELECT id FROM users WHERE name = :name_1 AND id = :secret", "sqlite", "WHERE name = :name_1 AND id = ?"),
        ("SELECT id FROM users WHERE id IN (1, 2, 3)", "mysql", "SELECT id FROM users WHERE id IN (?)"),
        ("SELECT id FROM users WHERE id IN ($1::UUID, $2::UUID)", "postgresql", "WHERE id IN (?)"),
        ("SELECT id FROM users WHERE id IN (__[POSTCOMPILE_id_1])", "postgresql", "WHERE id IN (?)"),
        ("SELECT id FROM users WHERE id IN (SELECT id FROM clients)", "mysql", None),
        ("SELECT E'it\\'s', N'x', X'1f', B'01', U&'d\\0061', $$a$$", "postgresql", "SELECT ?, ?, ?, ?, ?, ?"),
        ("SELECT $t$b$t$, $t$ $x$ $t$", "postgresql", "SELECT ?, ?"),
        ("SELECT 'a\\' b', \"c\", x'1f', _utf8mb4'd'", "mysql", "SELECT ?, ?, ?, ??"),
        ("SELECT 1.5e3, 0xff, .5, 1_000", "postgresql", "SELECT ?, ?, ?, ?"),
        ("SELECT id -- a name\nFROM users /* a /* nested */ name */", "postgresql", "SELECT id FROM users"),
        ("SELECT id # a name\nFROM users /*+ a hint */", "mysql", "SELECT id FROM users"),
        ("SELECT id FROM users /*traceparent='00-1-2-01'*/", "postgresql", "SELECT id FROM users"),
        ("SELECT left(name, 3), left FROM users", "postgresql", "SELECT left(name, ?), left FROM users"),
        ("SELECT id FROM users u JOIN clients c ON u.id = c.id", "mysql", "users ? JOIN clients ? ON ?.id = ?.id"),
        ("INSERT INTO users (id, name) VALUES (?, ?) RETURNING id, created_at", "sqlite", None),
        ("INSERT INTO users (id) VALUES ($1) , ($2), ($3) RETURNING id", "postgresql", "VALUES ($1) RETURNING id"),
        (
            "INSERT INTO users (id) SELECT p0::UUID FROM (VALUES ($1, 0), ($2, 1)) AS imp_sen(p0, sen_counter)",
            "postgresql+asyncpg",
            "INSERT INTO users (id) SELECT p0::UUID FROM (VALUES ($1, ?)) AS imp_sen(p0, sen_counter)",
        ),
        ('PRAGMA main.table_info("users")', "sqlite", 'PRAGMA main.table_info("users")'),
    ],
)
def test_what_is_sqls_own_or_known_stays(statement: str, dialect: str, expected: str | None):
    """Keywords, known and generated names and parameter marks stay; the rest is `?`."""
    safe = sanitise(statement, dialect, known)
    if expected is None:
        assert safe == statement
    else:
        assert safe is not None
        assert safe.endswith(expected)


@pytest.mark.parametrize("phi", PHI)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_position_of_a_statement_lets_a_value_out(dialect: str, phi: str):
    """A patient's words are gone from every literal, comment and name of a statement."""
    name = phi.replace("]", "").replace("*/", "")
    word = "".join(c for c in phi if c.isalnum()) or "x"
    places = [
        f"SELECT id FROM users WHERE name = {_quoted(phi.replace(chr(92), ''))}",
        f'SELECT id FROM users WHERE name = "{phi.replace(chr(34), "").replace(chr(92), "")}"',
        f"SELECT id FROM users WHERE name = X{_quoted(phi.replace(chr(92), ''))}",
        f"SELECT id FROM users /* {name} */ WHERE id = 1",
        f"SELECT id FROM users -- {name}\nWHERE id = 1",
        f"-- {name}\nSELECT id FROM users",
        f"/* {name} */ SELECT id FROM users",
        f"SELECT id AS x{word} FROM users",
        f"SELECT x{word}.id FROM x{word}",
        f"SELECT x{word}(id) FROM users",
        f"SELECT id FROM users WHERE name = :x{word}",
        f"SELECT id FROM users WHERE name = %(x{word})s",
        f"SAVEPOINT x{word}",
        f"SELECT id FROM users WHERE id = {word}",
        f"SELECT id AS users_{word}, id AS anon_{word}, id AS {word}_1 FROM users_{word}",
        f"SELECT id FROM users WHERE id IN (__[POSTCOMPILE_{word}])",
        f"SELECT $${phi}$$",
        f"SELECT @x{word}",
        f"SELECT ${word}",
    ]
    for statement in places:
        safe = sanitise(statement, dialect, known)
        assert safe is None or (phi not in safe and word not in safe), statement


def test_a_statement_of_the_source_leaves_as_it_stands():
    """What the source has written leaves as it was written there, whatever driver it goes through."""
    source = "SELECT n.body FROM notes n WHERE n.kind = 'soap' AND n.id = :note_id"

    def written(statement: str) -> str | None:
        return source if form_of(statement) == form_of(source) else None

    for marked in ("%(note_id)s", "$1::UUID", "?", ":note_id"):
        executed = source.replace(":note_id", marked).replace(" FROM", "\n  FROM")
        assert sanitise(executed, "postgresql", known, written) == source
    other = source.replace("soap", "Dana")
    assert sanitise(other, "postgresql", known, written) == "SELECT ?.? FROM ? ? WHERE ?.? = ? AND ?.id = ?"


@pytest.mark.parametrize(
    ("statement", "dialect"),
    [
        ("SELECT 1", "mssql"),
        ("SELECT 1", ""),
        ("SELECT 'open", "postgresql"),
        ("SELECT /* open /* */", "postgresql"),
        ("SELECT $a$ open $b$", "postgresql"),
        ("SELECT \\", "sqlite"),
        ("SELECT 1 --#", "mysql"),
        ("SELECT 1" + " " * 70_000, "sqlite"),
        (None, "sqlite"),
        ("SELECT 1", None),
    ],
)
def test_what_cannot_be_read_is_dropped(statement: str, dialect: str):
    """An unknown dialect, a text that breaks off, one that is too long: nothing leaves, nothing is raised."""
    assert sanitise(statement, dialect, known) is None


def test_a_judge_that_raises_drops_the_statement():
    """An error in what says which names are known is not a yes."""

    def broken(_: str) -> bool:
        raise RuntimeError

    assert sanitise("SELECT id FROM users", "sqlite", broken) is None


def test_what_becomes_known_later_is_seen():
    """A callable with an `epoch`, or a method of an object with one, is asked again when that changes."""

    class Names:
        epoch = 0
        names = frozenset({"id"})

        def __call__(self, name: str) -> bool:
            return name in self.names

        def holds(self, name: str) -> bool:
            return name in self.names

    names = Names()
    assert sanitise("SELECT id FROM clients", "sqlite", names) == "SELECT id FROM ?"
    assert sanitise("SELECT id FROM clients", "sqlite", names.holds) == "SELECT id FROM ?"
    names.names |= {"clients"}
    names.epoch += 1
    assert sanitise("SELECT id FROM clients", "sqlite", names) == "SELECT id FROM clients"
    assert sanitise("SELECT id FROM clients", "sqlite", names.holds) == "SELECT id FROM clients"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select 1", "SELECT"),
        ("/* dana */ -- levi\n ( SELECT 1 )", "SELECT"),
        ("WITH x AS (SELECT 1) UPDATE users SET id = 1", "UPDATE"),
        ("dana", None),
        ("'dana'", None),
        ("", None),
        ("/* dana", None),
        (None, None),
    ],
)
def test_the_operation_is_a_word_of_sql(statement: str, expected: str | None):
    """The operation comes from a closed list, past comments."""
    assert operation(statement) == expected


WORDS = sorted(KEYWORDS | TYPES | FUNCTIONS | CATALOGUE)
TOKENS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=20).filter(
    lambda token: not any(word.lower() in token.lower() for word in WORDS if len(word) > 5)
)
MARKS = [*"'\"`[]()$#@:;,.*/-+=<>?!%&|^~\\ \n", "--", "/*", "*/", "$$", "$a$", "E'", "U&'", "N'", "X'", "''", "\\'"]
NAMES = ["SELECT", "FROM", "IN", "VALUES", "users", "id", "count", "anon_1", "users_1", ":name_1", "$1", "?1", "%s"]
PARTS = ["%(", ")s", "::", ":=", "->>", "__[POSTCOMPILE_", "_1", "0x", "1.5e", "12345", "\u05d0", "\x00", "\u2028"]
PIECES = st.sampled_from(MARKS + NAMES + PARTS)


@given(st.lists(PIECES | TOKENS, max_size=30), TOKENS, st.sampled_from(DIALECTS), st.sampled_from(["", " "]))
def test_no_token_gets_through_a_statement_of_any_shape(pieces: list[str], token: str, dialect: str, glue: str):
    """Whatever a statement looks like, a text that isn't SQL's own never appears in what leaves."""
    for at in range(len(pieces) + 1):
        safe = sanitise(glue.join([*pieces[:at], token, *pieces[at:]]), dialect, known)
        assert safe is None or token.lower() not in safe.lower()


@given(st.lists(PIECES | TOKENS, max_size=30), st.sampled_from(DIALECTS), st.sampled_from(["", " "]))
def test_sanitising_twice_changes_nothing(pieces: list[str], dialect: str, glue: str):
    """What left once is its own sanitised form."""
    safe = sanitise(glue.join(pieces), dialect, known)
    assume(safe is not None)
    assert safe == sanitise(safe, dialect, known)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("SELECT users.id FROM users", "SELECT users"),
        ("select id from clinic.users where id = ?", "SELECT clinic.users"),
        ('INSERT INTO "session_notes" (id) VALUES (?)', "INSERT session_notes"),
        ("UPDATE ONLY users SET name = ?", "UPDATE users"),
        ("DELETE FROM users WHERE id = ?", "DELETE users"),
        ("WITH recent AS (SELECT id FROM users) SELECT id FROM clients", "SELECT clients"),
        ("WITH recent AS (SELECT id FROM users) SELECT recent.id FROM recent", "SELECT users"),
        ("WITH one AS (SELECT id FROM users), two AS (SELECT id FROM one) SELECT id FROM two", "SELECT users"),
        ("WITH old AS (SELECT id FROM users) DELETE FROM clients WHERE id IN (SELECT id FROM old)", "DELETE clients"),
        ("SELECT count(*) FROM (SELECT id FROM users) AS anon_1", "SELECT"),
        ("SELECT id FROM ? WHERE id = ?", "SELECT"),
        ("SELECT ?", "SELECT"),
        ("CREATE TABLE IF NOT EXISTS users (id INTEGER)", "CREATE users"),
        ("BEGIN", "BEGIN"),
        ("? ? FROM users", None),
    ],
)
def test_a_guarded_statement_has_a_name(statement: str, name: str | None):
    """A span is named by what the statement does, and the first table that it does it to."""
    assert summary(statement, "postgresql") == name


def test_a_long_statement_is_read_as_far_as_its_table() -> None:
    """What follows, such as hundreds of parts of a union, isn't read for each execution; here, it can't be."""
    assert summary("SELECT id FROM clients UNION '", "postgresql") == "SELECT clients"


@pytest.mark.parametrize("word", ["p123456", "anon_123456", "id_123_456", "users_305_123", "name_305123456"])
def test_a_word_with_a_long_number_is_no_identifier(word: str):
    """Generated names carry a counter, never six digits."""
    assert sanitise(f"SELECT {word} FROM users", "postgresql", known) == "SELECT ? FROM users"


@pytest.mark.parametrize("word", ["ix_users_name", "uq_clients_email", "pk_users", "users_is_active", "pk_1"])
def test_a_name_made_by_a_convention_is_known(word: str):
    """Indexes and constraints that a naming convention names after known tables and columns are known."""
    assert sanitise(f"DROP INDEX {word}", "postgresql", known) == f"DROP INDEX {word}"
