"""The nightly dump and its restore, with a real PostgreSQL under the shipped settings and roles."""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.programs import postgres_folder
from tests.stack.shipped import DEPLOY, ShippedPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

ROWS = "SELECT string_agg(name || born, ',' ORDER BY name) FROM client"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedPostgres]:
    """A database with a table of the application's."""
    with ShippedPostgres(tmp_path_factory.mktemp("pg")) as server:
        done = server.app(
            "CREATE TABLE client (name text PRIMARY KEY, born date);"
            "INSERT INTO client SELECT 'client ' || n, date '1980-01-01' + n FROM generate_series(1, 500) n;"
            "CREATE VIEW elder AS SELECT name FROM client WHERE born < '1980-06-01'"
        )
        assert done.returncode == 0, done.stderr
        yield server


class Backup:
    """`backup.sh` in folders of its own."""

    def __init__(self, folder: Path, database: ShippedPostgres, password: str | None = None) -> None:
        self.dumps, self.metrics = folder / "dumps", folder / "metrics"
        for made in (self.dumps, self.metrics):
            made.mkdir(parents=True)
        secret = folder / "password"
        secret.write_text(password or database.app_password)
        self.environment = {
            "PATH": f"{postgres_folder()}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": "127.0.0.1", "PGPORT": str(database.port), "PGUSER": "pazpaz", "PGDATABASE": "pazpaz",
            "PASSWORD_FILE": str(secret), "BACKUP_FOLDER": str(self.dumps), "METRICS_FOLDER": str(self.metrics),
        }  # fmt: skip

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            ["sh", str(DEPLOY / "postgres/backup.sh"), *arguments],
            env=self.environment | environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def files(self) -> list[Path]:
        """The dumps."""
        return sorted(self.dumps.iterdir())


def test_a_dump_is_restored_whole(tmp_path: Path, database: ShippedPostgres) -> None:
    """What the backup service dumps comes back row by row, with its owner, in a database beside the running one."""
    backup = Backup(tmp_path, database)
    done = backup.run("once")
    assert done.returncode == 0, done.stderr
    (dump,) = backup.files()
    assert oct(dump.stat().st_mode)[-3:] == "600"
    restored = restore(database, tmp_path, dump, "look")
    assert restored.returncode == 0, restored.stderr
    assert database.superuser(ROWS, database="look") == database.superuser(ROWS)
    owned = "SELECT DISTINCT relowner::regrole FROM pg_class WHERE relname IN ('client', 'elder')"
    assert database.superuser(owned, database="look") == "pazpaz"
    assert int(database.superuser("SELECT count(*) FROM monitoring.pg_stat_statements", "look")) >= 0


def test_a_dump_takes_the_place_of_what_was_lost(tmp_path: Path, database: ShippedPostgres) -> None:
    """With --replace the application's own database is as it was, and the application can log in and write."""
    backup = Backup(tmp_path, database)
    before = database.superuser(ROWS)
    assert backup.run("once").returncode == 0
    assert database.app("DROP TABLE client CASCADE").returncode == 0
    restored = restore(database, tmp_path, backup.files()[0], "pazpaz", "--replace")
    assert restored.returncode == 0, restored.stderr
    assert database.superuser(ROWS) == before
    assert database.app("INSERT INTO client VALUES ('new', now())").returncode == 0
    assert database.app("DELETE FROM client WHERE name = 'new'").returncode == 0
    assert database.exporter("SELECT count(*) FROM pg_stat_activity").returncode == 0


def test_its_age_is_told(tmp_path: Path, database: ShippedPostgres) -> None:
    """Only a dump that was read to its end is one, and says when and how big it is, where node-exporter looks."""
    backup = Backup(tmp_path, database)
    start = int(time.time())
    assert backup.run("once").returncode == 0
    page = (backup.metrics / "backup.prom").read_text()
    when = int(re.search(r"^pazpaz_backup_last_success_timestamp_seconds (\d+)$", page, re.MULTILINE)[1])  # type: ignore[index]
    assert start <= when <= time.time()
    assert f"pazpaz_backup_size_bytes {backup.files()[0].stat().st_size}\n" in page
    assert oct((backup.metrics / "backup.prom").stat().st_mode)[-3:] == "644"
    assert backup.run("check").returncode == 0
    old = time.time() - 2 * 86400
    os.utime(backup.files()[0], (old, old))
    assert backup.run("check").returncode == 1


def test_a_dump_that_fails_is_none(tmp_path: Path, database: ShippedPostgres) -> None:
    """Without the right to read, nothing is left behind, the earlier age stays, and no password is written."""
    backup = Backup(tmp_path, database, password="another-password-of-this-test")
    (backup.metrics / "backup.prom").write_text("before\n")
    done = backup.run("once")
    assert done.returncode != 0
    assert backup.files() == []
    assert (backup.metrics / "backup.prom").read_text() == "before\n"
    assert "another-password" not in done.stdout + done.stderr


def test_old_dumps_go(tmp_path: Path, database: ShippedPostgres) -> None:
    """Dumps older than BACKUP_KEEP_DAYS are removed, younger ones and other files stay."""
    backup = Backup(tmp_path, database)
    for name, days in (("pazpaz-20260101T000000Z.dump", 15), ("pazpaz-20260110T000000Z.dump", 13), ("mine.dump", 99)):
        (backup.dumps / name).write_text("a dump")
        os.utime(backup.dumps / name, (time.time() - days * 86400,) * 2)
    assert backup.run("once", BACKUP_KEEP_DAYS="14").returncode == 0
    names = {file.name for file in backup.files()}
    assert len(names) == 3
    assert {"pazpaz-20260110T000000Z.dump", "mine.dump"} < names


def restore(
    database: ShippedPostgres, folder: Path, dump: Path, name: str, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run `restore.sh` as the superuser, through the socket."""
    environment = {
        "PATH": f"{postgres_folder()}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": str(database.socket), "PGPORT": str(database.port), "PGUSER": "postgres",
        "SECRETS_DIR": str(database.shared / "secrets"), "INIT_FOLDER": str(DEPLOY / "postgres/init"),
        "TMPDIR": str(folder),
    }  # fmt: skip
    return subprocess.run(
        ["sh", str(DEPLOY / "postgres/restore.sh"), str(dump), name, *options],
        env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
