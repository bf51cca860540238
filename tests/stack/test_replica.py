"""A replica of the shipped PostgreSQL: what the shipped exporter says of its lag, and of one that is cut off."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.programs import Postgres, wait_until
from tests.programs.running import get
from tests.stack.monitoring_stack import Exporter
from tests.stack.shipped import ShippedPostgres, postgres_exporter

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


class Replica(Postgres):
    """A copy of a server that follows it by a replication slot."""

    def __init__(self, primary: ShippedPostgres) -> None:
        super().__init__({"shared_preload_libraries": "pg_stat_statements"})
        self.primary = primary

    def start(self) -> Replica:
        """Copy the primary and follow it."""
        options = ["-h", str(self.primary.socket), "-p", str(self.primary.port), "-U", "postgres", "-c", "fast",
                   "-R", "-C", "-S", "replica"]  # fmt: skip
        copy = [*self._as_user, str(self._bin / "pg_basebackup"), "-D", str(self._data), *options]
        subprocess.run(copy, check=True, capture_output=True, cwd=self._home)
        return super().start()

    def ready(self) -> bool:
        """Whether it answers queries, as a replica does."""
        return "ready to accept read-only connections" in self.log

    def run(self, sql: str) -> str:
        """What `sql` answers to the superuser."""
        login = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", "pazpaz"]
        psql = [*self._as_user, str(self._bin / "psql"), "-XtA", *login, "-c", sql]
        return subprocess.run(psql, check=True, capture_output=True, text=True, cwd=self._home).stdout.strip()


def measured(exporter: Exporter, metric: str) -> float | None:
    """What an exporter says of a metric."""
    found = re.search(rf"(?m)^{metric}(?:{{[^}}]*}})? (\S+)$", get(f"http://{exporter.target}/metrics")[1])
    return float(found[1]) if found else None


def test_lag_and_loss_of_a_replica_are_seen(tmp_path: Path) -> None:
    """What isn't replayed is lag, on the replica alone; one that is cut off has none, but leaves a slot unread."""
    lag, active = "pg_replication_lag_seconds", "pg_replication_slots_active"
    primary = ShippedPostgres(tmp_path / "pg")
    hba = primary.socket / "pg_hba.conf"
    hba.write_text(f"local replication postgres trust\n{hba.read_text()}")
    with primary, Replica(primary) as replica:
        command, environment = postgres_exporter(primary.port, primary)
        of_replica = environment | {"DATA_SOURCE_URI": environment["DATA_SOURCE_URI"].replace(
            str(primary.port), str(replica.port))}  # fmt: skip
        with (
            Exporter(command, tmp_path / "first", environment) as first,
            Exporter(command, tmp_path / "second", of_replica) as second,
        ):
            # Lag is the age of the last transaction that was replayed: there has to be one.
            primary.superuser("CREATE TABLE written AS SELECT now() AS at")
            wait_until(lambda: replica.run("SELECT to_regclass('written')"), "the replica to follow")
            replica.run("SELECT pg_wal_replay_pause()")
            primary.superuser("INSERT INTO written SELECT now()")
            wait_until(lambda: (measured(second, lag) or 0) > 1, "the lag of what isn't replayed")
            assert measured(first, lag) == 0
            assert measured(first, active) == 1
            replica.run("SELECT pg_wal_replay_resume()")
            wait_until(lambda: measured(second, lag) == 0, "the replica to be up to date")
            replica.run("ALTER SYSTEM SET primary_conninfo = ''")
            replica.run("SELECT pg_reload_conf()")
            wait_until(lambda: measured(first, active) == 0, "the slot to have no reader")
            primary.superuser("INSERT INTO written SELECT now()")
            assert measured(second, lag) == 0
