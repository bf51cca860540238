"""What real PostgreSQL and Redis servers answer, against the templates by which their answers leave."""

from __future__ import annotations

import asyncio
import re
from importlib import resources
from typing import TYPE_CHECKING

import asyncpg
import pytest
import redis

from pazpaz_otel.redact.provenance import cpython
from tests.programs import Redis
from tests.programs.postgres import Postgres, postgres_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.stack]

_HEAD = 16
NAME = "dvora_mizrahi"
TABLES = f"""
CREATE TABLE parents (id int PRIMARY KEY, label text NOT NULL CHECK (label <> ''), small smallint);
CREATE TABLE children (id int GENERATED ALWAYS AS IDENTITY, parent int REFERENCES parents, short varchar(3));
CREATE TYPE mood AS ENUM ('calm'); CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TABLE booked (during int4range, EXCLUDE USING gist (during WITH &&));
CREATE VIEW seen AS SELECT label FROM parents; CREATE SCHEMA rooms; CREATE SEQUENCE numbers;
INSERT INTO parents VALUES (1, '{NAME}'); INSERT INTO children (parent) VALUES (1);
INSERT INTO booked VALUES ('[1,9]');
"""

STATEMENTS = {
    f"INSERT INTO parents VALUES (1, '{NAME}')": 'duplicate key value violates unique constraint "{name}"',
    "INSERT INTO parents (id) VALUES (2)": 'null value in column "{name}" of relation "{name}" violates not-null'
    " constraint",
    "INSERT INTO children (parent) VALUES (77)": 'insert or update on table "{name}" violates foreign key constraint'
    ' "{name}"',
    "DELETE FROM parents": 'update or delete on table "{name}" violates foreign key constraint "{name}" on table'
    ' "{name}"',
    "INSERT INTO parents VALUES (3, '')": 'new row for relation "{name}" violates check constraint "{name}"',
    "ALTER TABLE parents ADD CHECK (label = 'x')": 'check constraint "{name}" of relation "{name}" is violated by some'
    " row",
    "ALTER TABLE parents ALTER small SET NOT NULL": 'column "{name}" of relation "{name}" contains null values',
    "INSERT INTO booked VALUES ('[3,4]')": 'conflicting key value violates exclusion constraint "{name}"',
    "SELECT (-1)::positive": 'value for domain {…} violates check constraint "{name}"',
    "SELECT NULL::positive": "domain {…} does not allow null values",
    f"SELECT * FROM {NAME}": 'relation "{name}" does not exist',
    "CREATE TABLE parents (id int)": 'relation "{name}" already exists',
    f"DROP TABLE {NAME}": 'table "{name}" does not exist',
    f"SELECT {NAME} FROM parents": 'column "{name}" does not exist',
    f"SELECT p.{NAME} FROM parents p": "column {name} does not exist",
    f"INSERT INTO parents ({NAME}) VALUES (1)": 'column "{name}" of relation "{name}" does not exist',
    "ALTER TABLE parents ADD label text": 'column "{name}" of relation "{name}" already exists',
    "SELECT id FROM parents, children": 'column reference "{name}" is ambiguous',
    "SELECT q.id FROM parents": 'missing FROM-clause entry for table "{name}"',
    "SELECT parents.id FROM parents p": 'invalid reference to FROM-clause entry for table "{name}"',
    "SELECT id, label FROM children, (SELECT label FROM parents) q GROUP BY id": 'column "{name}" must appear in the'
    " GROUP BY clause or be used in an aggregate function",
    "UPDATE parents SET small = 'x'::text": 'column "{name}" is of type {…} but expression is of type {…}',
    "INSERT INTO parents VALUES (1, 'x') ON CONFLICT (label) DO NOTHING": "there is no unique or exclusion constraint"
    " matching the ON CONFLICT specification",
    "INSERT INTO parents VALUES (8, 'x'), (8, 'y') ON CONFLICT (id) DO UPDATE SET label = 'z'": "ON CONFLICT DO UPDATE"
    " command cannot affect row a second time",
    "CREATE TABLE others (p text REFERENCES parents (label))": "there is no unique constraint matching given keys for"
    ' referenced table "{name}"',
    f"CREATE TABLE {NAME}.t (id int)": 'schema "{name}" does not exist',
    "CREATE SCHEMA rooms": 'schema "{name}" already exists',
    f"SELECT 1::{NAME}": 'type "{name}" does not exist',
    f"DROP INDEX {NAME}": 'index "{name}" does not exist',
    f"SELECT {NAME}(1)": "function {…} does not exist",
    f"CALL {NAME}()": "procedure {…} does not exist",
    "SELECT 1 + '{}'::json": "operator does not exist: {…}",
    f"SELEC {NAME}": 'syntax error at or near "{…}"',
    "SELECT * FROM": "syntax error at end of input",
    f"SELECT '{NAME}": "unterminated quoted string at or near {…}",
    "INSERT INTO parents (id) VALUES (1, 'x')": "INSERT has more expressions than target columns",
    "INSERT INTO parents (id, label) VALUES (1)": "INSERT has more target columns than expressions",
    "SELECT (SELECT 1, 2)": "subquery must return only one column",
    "SELECT (SELECT generate_series(1, 2))": "more than one row returned by a subquery used as an expression",
    "SELECT 1 UNION SELECT 1, 2": "each UNION query must have the same number of columns",
    "SELECT 1 FROM parents WHERE count(*) > 1": "aggregate functions are not allowed in WHERE",
    "SELECT 1 FROM parents WHERE row_number() OVER () > 1": "window functions are not allowed in WHERE",
    "SELECT 1::json": "cannot cast type {…} to {…}",
    f"SELECT '{NAME}'::int": "invalid input syntax for type {type}: {…}",
    f"SELECT '{NAME}'::mood": "invalid input value for enum {…}: {…}",
    f"SELECT '{NAME}'::int[]": "malformed array literal: {…}",
    f"SELECT '{NAME}'::parents": "malformed record literal: {…}",
    "SELECT convert_from('\\xff', 'UTF8')": "invalid byte sequence for encoding {…}: {…}",
    f"INSERT INTO children (short) VALUES ('{NAME}')": "value too long for type character varying({…})",
    "SELECT '99999999999'::int": 'value "{…}" is out of range for type {…}',
    "SELECT 2147483647 + 1": "integer out of range",
    "SELECT 9223372036854775807 + 1": "bigint out of range",
    "SELECT 32767::smallint + 1::smallint": "smallint out of range",
    "SELECT 12345::numeric(3)": "numeric field overflow",
    "SELECT 1 / 0": "division by zero",
    "SELECT '2024-13-45'::date": "date/time field value out of range: {…}",
    "SELECT '[3,1]'::int4range": "range lower bound must be less than or equal to range upper bound",
    "INSERT INTO children (id) VALUES (1)": 'cannot insert a non-DEFAULT value into column "{name}"',
    "UPDATE children SET id = 3": 'column "{name}" can only be updated to DEFAULT',
    "BEGIN READ ONLY; DELETE FROM booked": "cannot execute {…} in a read-only transaction",
    f"BEGIN; ROLLBACK TO {NAME}": 'savepoint "{name}" does not exist',
    "SET statement_timeout = 20; SELECT pg_sleep(5)": "canceling statement due to statement timeout",
    f"SET ROLE {NAME}": 'role "{name}" does not exist',
    "CREATE DATABASE postgres": 'database "{name}" already exists',
    f"EXECUTE {NAME}": 'prepared statement "{…}" does not exist',
    "DROP TABLE parents": "cannot drop table {name} because other objects depend on it",
    "ALTER TABLE parents DROP label": "cannot drop column {name} of table {name} because other objects depend on it",
    "TRUNCATE parents": "cannot truncate a table referenced in a foreign key constraint",
    f"CREATE ROLE quiet; SET ROLE quiet; SELECT '{NAME}' FROM parents": "permission denied for table {name}",
    "CREATE ROLE quiet; SET ROLE quiet; SELECT nextval('numbers')": "permission denied for sequence {name}",
    "CREATE ROLE quiet; SET ROLE quiet; DROP TABLE booked": "must be owner of table {name}",
}
"""Statements that a real server refuses, and what may leave of its answer."""

COMMANDS = {
    ("LPUSH", "text", NAME): "WRONGTYPE Operation against a key holding the wrong kind of value",
    ("INCR", "text"): "value is not an integer or out of range",
    ("INCRBYFLOAT", "text", "1"): "value is not a valid float",
    ("INCR", "most"): "increment or decrement would overflow",
    ("RENAME", NAME, "other"): "no such key",
    ("SET", "a", "b", NAME): "syntax error",
    ("LSET", "list", "9", NAME): "index out of range",
    ("SELECT", "99"): "DB index is out of range",
    (NAME, "a"): "unknown command {…}",
    ("GET",): "wrong number of arguments for {…} command",
    ("EVALSHA", "a" * 40, "0"): "No matching script. Please use EVAL.",
    ("XREADGROUP", "GROUP", NAME, "c", "STREAMS", "s", ">"): "NOGROUP No such key {…} or consumer group {…}",
    ("XGROUP", "CREATE", "stream", "g", "$"): "BUSYGROUP Consumer Group name already exists",
    ("AUTH", NAME, NAME): "invalid username-password pair or user is disabled.",
}


OF_CLIENTS = (
    *("connection", "could not translate", "server closed", "SSL connection", "failed to", "consuming"),
    *("cursor", "no results to fetch", "the connection is", "the cursor is"),
)
"""How the messages begin that libpq and drivers make by themselves."""

OF_NEWER_SERVERS = (
    'update or delete on table "{name}" violates RESTRICT setting of foreign key constraint "{name}" on table "{name}"',
)
"""What PostgreSQL says from release 18 on, where the tests' server may be older."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


def test_answers_of_postgresql_leave_as_their_templates(postgres: Postgres) -> None:
    """Each error of a real server is of the template that stands for it, and nothing of the values leaves."""
    answers = asyncio.run(_answers(postgres.url("postgresql")))
    assert {statement: _leaves(error) for statement, error in answers.items()} == STATEMENTS


def test_every_other_template_stands_in_the_servers_program() -> None:
    """What can't be provoked at will is a format of the server's own, as its program holds it."""
    program = (postgres_folder() / "postgres").read_bytes()
    formats = {_shape(found.decode()) for found in re.findall(rb"[\x20-\x7e]{8,}", program)}
    unproven = [line for line in _templates("psycopg.Error") if line not in STATEMENTS.values()]
    servers = [line for line in unproven if not line.startswith(OF_CLIENTS) and line not in OF_NEWER_SERVERS]
    assert [line for line in servers if not any(_is_of(_shape(line), form) for form in formats)] == []


def _is_of(template: str, form: str) -> bool:
    """Return whether a format makes texts of a template: they are the same, or begin the same way for long."""
    head = template.partition("\0")[0]
    return template == form or (len(head) > _HEAD and form.startswith(head))


async def _answers(url: str) -> dict[str, BaseException]:
    answers: dict[str, BaseException] = {}
    connection = await asyncpg.connect(url)
    await connection.execute(TABLES)
    await connection.close()
    for statement in STATEMENTS:
        connection = await asyncpg.connect(url)
        try:
            with pytest.raises(asyncpg.PostgresError) as caught:
                await connection.execute(statement)
            answers[statement] = caught.value
        finally:
            await connection.close(timeout=5)
    return answers


def test_answers_of_redis_leave_as_their_templates(tmp_path: Path) -> None:
    """Each error of a real server is of the template that stands for it, and nothing of the values leaves."""
    answers: dict[tuple[str, ...], str | None] = {}
    with Redis(tmp_path) as server:
        client = redis.Redis.from_url(server.url)
        client.mset({"text": NAME, "most": 2**63 - 1})
        client.rpush("list", 1)
        client.xgroup_create("stream", "g", mkstream=True)
        for command in COMMANDS:
            with pytest.raises(redis.RedisError) as caught:
                client.execute_command(*command)
            answers[command] = _leaves(caught.value)
    assert answers == COMMANDS


def _leaves(error: BaseException) -> str | None:
    said = str(error).partition("\n")[0]
    return cpython.message_of(type(error), said, type_proven=lambda _: False, name_proven=lambda _: False)


def _templates(section: str) -> list[str]:
    table = resources.files("pazpaz_otel.redact.provenance").joinpath("server_messages.txt").read_text("utf-8")
    [body] = re.findall(rf"\[{re.escape(section)}[^\]]*\]\n(.*?)(?:\n\n|\Z)", table, re.DOTALL)
    return body.splitlines()


def _shape(text: str) -> str:
    """Return a format or template with one mark for each value, in quotes or not."""
    marked = re.sub(
        r'"?(?:%(?:\d+\$)?[-#0 +]*\d*(?:\.\d+)?[lzh]*[a-zA-Z]|\{[^}]*\})"?', "\0", text.replace("%m", "{…}")
    )
    return marked.replace("%%", "%")
