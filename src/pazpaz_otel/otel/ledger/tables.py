"""The ledger's tables, and the statements that read and change them within a transaction of the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.otel.ledger import points
from pazpaz_otel.otel.ledger.processes import Process

if TYPE_CHECKING:
    import sqlite3

SECOND: Final = 1_000_000_000
_GAUGE_LIFETIME: Final = 60 * SECOND
"""How long an ended process's gauge is shown, so that even a short-lived one is seen."""
_SERIES_LIFETIME: Final = 30 * 86_400 * SECOND
"""How long a series is kept after its last count."""
OVERFLOW: Final = json.dumps({"otel.metric.overflow": True}, separators=(",", ":"))

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS processes (process TEXT PRIMARY KEY, seen INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics (
    id INTEGER PRIMARY KEY, name TEXT, kind TEXT, unit TEXT, description TEXT, scope TEXT, series INTEGER DEFAULT 0,
    UNIQUE (name, kind, unit));
CREATE TABLE IF NOT EXISTS totals (
    metric INTEGER, attributes TEXT, birth INTEGER, touched INTEGER, point TEXT,
    PRIMARY KEY (metric, attributes)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    metric INTEGER, attributes TEXT, process TEXT, time INTEGER, point TEXT,
    PRIMARY KEY (metric, attributes, process)) WITHOUT ROWID;
"""


def read(db: sqlite3.Connection, key: str, default: Any) -> Any:
    """Return a value that all processes share."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return default if row is None else row[0]


def write(db: sqlite3.Connection, key: str, value: Any) -> None:
    """Set a value that all processes share."""
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def living(db: sqlite3.Connection, now: int) -> set[str]:
    """Return the registered processes that are alive."""
    rows = db.execute("SELECT process, seen FROM processes").fetchall()
    return {text for text, seen in rows if Process.parse(text).is_alive(seen, now)}


def add(  # noqa: PLR0913, PLR0917 - a row's columns
    db: sqlite3.Connection, metric: int, attributes: str, point: Any, now: int, limit: int
) -> None:
    """Add what was counted since to a series, or to the overflow series if the metric has too many."""
    where = (metric, attributes)
    row = db.execute("SELECT point FROM totals WHERE metric = ? AND attributes = ?", where).fetchone()
    if row is None:
        (count,) = db.execute("SELECT series FROM metrics WHERE id = ?", (metric,)).fetchone()
        if count >= limit and attributes != OVERFLOW:
            # Each process has its own limit; this one limits all processes together.
            add(db, metric, OVERFLOW, point, now, limit)
            return
        db.execute("UPDATE metrics SET series = series + 1 WHERE id = ?", (metric,))
        db.execute("INSERT INTO totals VALUES (?, ?, ?, ?, ?)", (*where, now, now, points.encode(point)))
        return
    stored = points.decode(points.kind_of_point(point), row[0], {}, 0, 0)
    db.execute(
        "UPDATE totals SET point = ?, touched = ? WHERE metric = ? AND attributes = ?",
        (points.encode(points.add(stored, point)), now, *where),
    )


def clear(db: sqlite3.Connection, now: int) -> None:
    """Delete what ended processes left, and from time to time the series that nobody has counted for long."""
    alive = json.dumps(list(living(db, now)))
    db.execute("DELETE FROM processes WHERE process NOT IN (SELECT value FROM json_each(?))", (alive,))
    db.execute(
        "DELETE FROM parts WHERE process NOT IN (SELECT value FROM json_each(?))"
        " AND (time < ? OR metric IN (SELECT id FROM metrics WHERE kind = 'up_down'))",
        (alive, now - _GAUGE_LIFETIME),
    )
    if now - read(db, "retired", 0) > _SERIES_LIFETIME // 720:
        write(db, "retired", now)
        db.execute("DELETE FROM totals WHERE touched < ?", (now - _SERIES_LIFETIME,))
        db.execute("UPDATE metrics SET series = (SELECT count(*) FROM totals WHERE metric = id)")
