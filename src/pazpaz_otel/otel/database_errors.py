"""The attributes of a database error without its message: class, code, and the violated constraint."""

from __future__ import annotations

from typing import Any


def tell(span: Any, error: BaseException) -> None:
    """Set the attributes of a failed statement on its span; the guard judges them like any others."""
    cause = error.__cause__
    if cause is not None and type(error).__module__.startswith("sqlalchemy."):
        # This is an asynchronous driver's adapter of the error.
        error = cause
    told = {
        "error.type": f"{type(error).__module__}.{type(error).__qualname__}",
        "db.response.status_code": _status(error),
        "db.constraint.name": getattr(getattr(error, "diag", error), "constraint_name", None),
    }
    for key, value in told.items():
        if isinstance(value, str):
            span.set_attribute(key, value)


def _status(error: Any) -> str | None:
    """Return the SQLSTATE or the database's equivalent: a number for MySQL, a name for SQLite."""
    for name in ("sqlstate", "pgcode", "sqlite_errorname"):
        value = getattr(error, name, None)
        if isinstance(value, str):
            return value
    first = error.args[0] if error.args else None
    return str(first) if type(first) is int else None
