"""Database calls: statements, operations, and the names of databases, accounts, tables and columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.policy.kind_type import KindType, Prover, exact

_DIALECT_KEYS: Final = ("db.system.name", "db.system")
_OPERATIONS: Final = (
    "SELECT|INSERT|UPDATE|DELETE|MERGE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|WITH|CREATE|ALTER|DROP|"
    "TRUNCATE|PRAGMA|EXPLAIN|COPY|CALL|EXECUTE|FETCH|LISTEN|NOTIFY|VACUUM|ANALYZE"
)


def _sql(value: str, beside: Mapping[str, Any], prover: Prover) -> str | None:
    dialect = next(filter(None, (exact(beside.get(key)) for key in _DIALECT_KEYS)), "")
    return prover.redis(value) if dialect == "redis" else prover.sql(value, dialect)


def _operation(value: str, _: Mapping[str, Any], prover: Prover) -> str | None:
    # The SQLAlchemy instrumentation appends the database's name to the operation, unlike the conventions.
    operation, _separator, _name = value.partition(" ")
    found = prover.sql_operation(operation)
    if found is not None:
        return found
    return operation if prover.redis_name(value) else None


KINDS = (
    KindType(
        name="sql",
        belongs="a statement: keywords, operators and the names of the application's models stay, the rest is `?`",
        handling="leaves as it stands where the application's source has it; else with `?` for every literal and"
        " unknown identifier, without comments; dropped if it doesn't parse",
        shape=r"^[A-Za-z0-9_ .,;:()\[\]*?$=<>!+/|&%~^@\"`'{}#\n\t-]{1,65536}$",
        prove=_sql,
        remembered=False,
        refuses=("שלום",),
    ),
    KindType(
        name="sql_operation",
        belongs="an operation of SQL or a command of Redis",
        handling="leaves if it is a known operation of SQL, or a Redis command",
        # The SQLAlchemy instrumentation appends the database's name.
        shape=r"^[A-Z][A-Z ]{0,31}(?: [A-Za-z0-9_.:-]{1,128})?$",
        prove=_operation,
        untrusted=f"^(?:{_OPERATIONS})$",
        refuses=("dvora", "305123456"),
    ),
    KindType(
        name="db_identifier",
        belongs="the name of a table or column in the application's source or the policy's `sql.identifiers`, or"
        " one that a naming convention makes of them: `uq_clients_mail`, `clients_pkey`",
        handling="leaves if the application's models or SQL, or the policy's `sql.identifiers`, name it",
        shape=r"^[A-Za-z0-9_.]{1,128}$",
        prove=lambda value, _, prover: value if all(map(prover.identifier, value.split("."))) else None,
        refuses=("dvora levinson",),
    ),
    KindType(
        name="db_name",
        belongs="the name of a configured database; for a file, its last path component",
        handling="leaves if the process's configuration or source connects to a database of this name",
        shape=r"^[A-Za-z0-9_.:-]{1,128}$",
        prove=lambda value, _, prover: prover.database(value),
        refuses=("dvora levinson",),
    ),
    KindType(
        name="db_user",
        belongs="the account with which the application connects to a database",
        handling="leaves if the process's configuration or source connects to a database as this account",
        shape=r"^[A-Za-z0-9_.-]{1,64}$",
        prove=lambda value, _, prover: value if prover.database_user(value) else None,
        refuses=("dvora levinson",),
    ),
    KindType(
        name="redis",
        belongs="Redis commands, with `?` for each argument",
        handling="leaves as Redis commands with `?` for every key and value",
        shape=(
            r"^[A-Z][A-Z0-9._]{0,31}(?: [A-Z][A-Z0-9._]{0,31}){0,63}(?: \?)*"
            r"(?:\n[A-Z][A-Z0-9._]{0,31}(?: \?)*){0,64}$"
        ),
        prove=lambda value, _, prover: prover.redis(value),
        remembered=False,
        refuses=("set dvora",),
    ),
)
