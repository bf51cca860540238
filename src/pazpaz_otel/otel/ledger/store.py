"""The ledger's file: SQLite, with one transaction per merge.

With `synchronous=OFF`, a killed process loses nothing that it merged; a host that loses power may lose seconds.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.otel.ledger import content, points, tables
from pazpaz_otel.otel.ledger.processes import Process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pazpaz_otel.otel.ledger.batch import Batch
    from pazpaz_otel.otel.ledger.content import Summed

_HEARTBEAT_INTERVAL: Final = 5 * tables.SECOND
"""How often an idle process shows that it is alive."""
_PATIENCE: Final = 2.0
"""Seconds to wait for another worker's transaction, which takes about a millisecond."""
LONGEST_PAUSE: Final = 60.0
"""The longest pause in seconds that sums which take long to send cause; Collectors forget a series after minutes."""
_TURN: Final = "leased"
_DUE: Final = "due"
_FREE: Final = '["", 0]'
"""A lease that nobody holds: a process, and until when."""


class Store:
    """One process's access to the ledger's file, for one thread at a time.

    Args:
        file: its path; created if missing.
        keep: whether to keep the counts when all processes have ended; otherwise, the first process starts afresh.

    Raises:
        sqlite3.Error: the file can't be used.
        OSError: the file can't be created.
    """

    def __init__(self, file: Path, *, keep: bool) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._metrics: dict[points.MetricKey, int] = {}
        self._beat = 0
        self.process = str(Process.current())
        self._create(keep=keep)

    def close(self) -> None:
        """Close the file, which the next call reopens; a process must not fork while it is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def enter(self) -> None:
        """Register the current process, which may be a fork of the one that opened the store."""
        self.process = str(Process.current())
        self._metrics = {}
        self._beat = 0

    def is_alone(self) -> bool:
        """Return whether no other process is registered."""
        with self._transaction() as db:
            return tables.living(db, time.time_ns()) <= {self.process}

    def replace(self) -> None:
        """Start a new ledger if the file can't be read any more."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                self._file.with_name(self._file.name + suffix).unlink()
        self._metrics = {}
        self._create(keep=True)

    def leave(self) -> bool:
        """Record that this process ends, and return whether no other is left."""
        now = time.time_ns()
        with self._transaction() as db:
            db.execute("DELETE FROM processes WHERE process = ?", (self.process,))
            db.execute(
                "DELETE FROM parts WHERE process = ? AND metric IN (SELECT id FROM metrics WHERE kind = 'up_down')",
                (self.process,),
            )
            return not tables.living(db, now)

    def merge(self, batch: Batch) -> None:
        """Add what one process has counted since its last merge."""
        now = time.time_ns()
        with self._transaction() as db:
            self._show_life(db, now)
            for described, series in batch.totals.items():
                metric = self._metric(db, described)
                for attributes, point in series.items():
                    tables.add(db, metric, attributes, point, now, described.limit)
            if batch.complete:
                db.execute("DELETE FROM parts WHERE process = ?", (self.process,))
            for described, series in batch.parts.items():
                metric = self._metric(db, described)
                db.executemany(
                    "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)",
                    [(metric, key, self.process, now, points.encode(point)) for key, point in series.items()],
                )

    def claim(self, interval: float, lease: float) -> bool:
        """Take the turn to send, if it is due and no living process has it.

        Args:
            interval: the seconds until the next turn.
            lease: the seconds after which another process may take a turn that wasn't returned.
        """
        now = time.time_ns()
        with self._transaction() as db:
            # A clock that was set back must not silence the ledger until it has caught up.
            early = 0 < tables.read(db, _DUE, 0) - now <= max(interval, LONGEST_PAUSE) * tables.SECOND
            if early or not self._take(db, _TURN, lease, now):
                return False
            tables.write(db, _DUE, now + int(interval * tables.SECOND))
            return True

    def release(self, pause: float = 0.0) -> None:
        """Return the turn.

        Args:
            pause: the least seconds until the next one, up to `LONGEST_PAUSE`.
        """
        with self._transaction() as db:
            tables.write(db, _TURN, _FREE)
            tables.write(db, _DUE, max(tables.read(db, _DUE, 0), time.time_ns() + int(pause * tables.SECOND)))

    def note(self, key: str, value: int | str) -> None:
        """Store a value for all processes."""
        with self._transaction() as db:
            tables.write(db, key, value)

    def noted(self, key: str) -> Any:
        """Return the last stored value, or 0."""
        return tables.read(self._open(), key, 0)

    def lease(self, name: str, seconds: float) -> bool:
        """Return whether this process holds the named lease; take or renew it if no other living process has it."""
        with self._transaction() as db:
            return self._take(db, f"lease:{name}", seconds, time.time_ns())

    def snapshot(self, horizon: int = sys.maxsize) -> tuple[str, list[Summed]]:
        """Return the ledger's identity, and every metric with its current points.

        Args:
            horizon: the birth time after which a series is shown as zero, in nanoseconds.
        """
        with self._transaction() as db:
            clock = time.time_ns()
            # Readers reject a point older than the last one, and the clock may have been set back.
            now = max(clock, tables.read(db, "time", 0) + 1_000_000)
            tables.write(db, "time", now)
            tables.clear(db, clock)
            living = tables.living(db, clock)
            identity = tables.read(db, "identity", "")
            metrics = db.execute("SELECT id, name, kind, unit, description, scope FROM metrics").fetchall()
            totals = db.execute("SELECT metric, attributes, birth, point FROM totals").fetchall()
            parts = db.execute("SELECT metric, attributes, process, point FROM parts ORDER BY time").fetchall()
        return identity, content.read(metrics, totals, parts, living, now, (horizon, clock))

    def _create(self, *, keep: bool) -> None:
        with suppress(FileExistsError):
            os.close(os.open(self._file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        db = self._open()
        db.executescript(tables.SCHEMA)
        now = time.time_ns()
        with self._transaction() as db:
            if not tables.read(db, "identity", "") or not (keep or tables.living(db, now)):
                for table in ("meta", "processes", "metrics", "totals", "parts"):
                    db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
                tables.write(db, "identity", str(uuid.uuid4()))
            self._show_life(db, now, force=True)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            # Instrumentations and the application's tests replace `sqlite3.connect`: its statements would be spans.
            self._connection = sqlite3.Connection(
                self._file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
        return self._connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            self._metrics = {}
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise

    def _take(self, db: sqlite3.Connection, key: str, seconds: float, now: int) -> bool:
        holder, until = json.loads(tables.read(db, key, _FREE))
        if holder != self.process and now < until <= now + seconds * tables.SECOND and holder in tables.living(db, now):
            return False
        tables.write(db, key, json.dumps([self.process, now + int(seconds * tables.SECOND)]))
        return True

    def _show_life(self, db: sqlite3.Connection, now: int, *, force: bool = False) -> None:
        if force or not 0 <= now - self._beat < _HEARTBEAT_INTERVAL:
            self._beat = now
            db.execute("INSERT OR REPLACE INTO processes VALUES (?, ?)", (self.process, now))

    def _metric(self, db: sqlite3.Connection, described: points.Described) -> int:
        known = self._metrics.get(described.key)
        if known is not None:
            return known
        key = described.key
        # The scope isn't part of the identity, because a library's new version would add a second series of the same
        # name.
        (number,) = db.execute(
            "INSERT INTO metrics (name, kind, unit, description, scope) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (name, kind, unit) DO UPDATE SET description = excluded.description, scope = excluded.scope"
            " RETURNING id",
            (key.name, key.kind, key.unit, described.description, described.scope),
        ).fetchone()
        self._metrics[key] = number
        return int(number)
