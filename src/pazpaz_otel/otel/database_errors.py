"""What a database's error says besides its message: its class, its code and the constraint that a row violates."""

from __future__ import annotations

from typing import Any


def told_by(error: BaseException) -> dict[str, str]:
    """Return the attributes of a span whose statement failed; the guard judges them like any other.

    Args:
        error: of SQLAlchemy, or of a driver.
    """
    cause = error.__cause__
    if cause is not None and type(error).__module__.startswith("sqlalchemy."):
        # An adapter of an asynchronous driver's error.
        error = cause
    told = {
        "error.type": f"{type(error).__module__}.{type(error).__qualname__}",
        "db.response.status_code": _status(error),
        "db.constraint.name": _constraint(error),
    }
    return {key: value for key, value in told.items() if isinstance(value, str)}


def _status(error: Any) -> str | None:
    """Return the SQLSTATE, or what the database has in its place: MySQL a number, SQLite a name."""
    for name in ("sqlstate", "pgcode", "sqlite_errorname"):
        value = getattr(error, name, None)
        if isinstance(value, str):
            return value
    first = error.args[0] if error.args else None
    return str(first) if type(first) is int else None


def _constraint(error: Any) -> object:
    return getattr(getattr(error, "diag", error), "constraint_name", None)
