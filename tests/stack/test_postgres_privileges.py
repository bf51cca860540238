"""PostgreSQL as shipped: who may read what, and what the server writes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.audit.scan import Scanner
from tests.programs import postgres_folder, wait_until
from tests.programs.running import get
from tests.stack.monitoring_stack import Exporter
from tests.stack.shipped import ROOT, ShippedPostgres, postgres_exporter, scrape

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.stack

MONITORING = ROOT / "monitoring"
CANARY = "Zquithbazin-Kelhepzib"
FAILING = {
    "unique": f"INSERT INTO clients VALUES (2, '{CANARY}', 'a')",
    "check": f"INSERT INTO clients VALUES (3, 'other', '{CANARY}')",
    "not null": f"INSERT INTO clients VALUES (NULL, '{CANARY}', 'a')",
    "foreign key": f"INSERT INTO notes VALUES ('{CANARY}-unknown')",
    "bad number": f"SELECT '{CANARY}'::integer",
    "bad date": f"SELECT '{CANARY}'::date",
    "bad uuid": f"SELECT * FROM clients WHERE gen_random_uuid() = '{CANARY}'",
    "no such relation": f'SELECT * FROM "{CANARY}"',
    "syntax": f"SELECT 1 '{CANARY}' {CANARY}",
    "comment": f"SELECT 1/0 /* {CANARY} */",
    "raised": f"DO $$ BEGIN RAISE EXCEPTION 'no {CANARY}' USING DETAIL = '{CANARY}', HINT = '{CANARY}'; END $$",
    "warning": f"DO $$ BEGIN RAISE WARNING 'no {CANARY}'; END $$",
    "log": f"DO $$ BEGIN RAISE LOG 'no {CANARY}'; END $$",
    "too long": f"INSERT INTO short VALUES ('{CANARY}')",
    "copy": f"COPY notes FROM PROGRAM '{CANARY}'",
}
"""Statements that put a patient's name into a message, by the way they do it."""

EVERYTHING_HIDDEN = {
    "rows": "SELECT * FROM public.clients",
    "statements": "SELECT * FROM extensions.pg_stat_statements",
    "statements, by the function": "SELECT * FROM extensions.pg_stat_statements(true)",
    "files": "SELECT pg_read_file('postgresql.conf')",
    "passwords": "SELECT * FROM pg_authid",
    "the shell": "COPY (SELECT 1) TO PROGRAM 'true'",
    "writing": "CREATE TABLE public.mine (i int)",
    "writing, when asked to": "SET default_transaction_read_only = off; CREATE TABLE monitoring.mine (i int)",
    "another's role": "SET ROLE pazpaz",
    "the statistics' role": "SET ROLE pazpaz_statistics",
    "another's session": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
}
"""What the exporter's role has to be refused."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedPostgres]:
    with ShippedPostgres(tmp_path_factory.mktemp("pg")) as server:
        made = server.app(
            "CREATE TABLE clients (id int PRIMARY KEY, name text UNIQUE, kind text CHECK (kind = 'a'));"
            "CREATE TABLE notes (client text REFERENCES clients (name));"
            "CREATE TABLE short (name varchar(3));"
            f"INSERT INTO clients VALUES (1, '{CANARY}', 'a'); ANALYZE clients"
        )
        assert made.returncode == 0, made.stderr
        yield server


@pytest.fixture
def talking(database: ShippedPostgres) -> Iterator[subprocess.Popen[bytes]]:
    """A session of the application with a patient's name in the statement that it is running, and in its own name."""
    with statement_running(database) as session:
        yield session


@contextmanager
def statement_running(database: ShippedPostgres) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(postgres_folder() / "psql"), "-X", "-h", "127.0.0.1", "-p", str(database.port), "-U", "pazpaz"]
    session = subprocess.Popen(
        [*command, "-d", "pazpaz", "-c", f"SELECT pg_sleep(300), '{CANARY}'"],
        env={**os.environ, "PGPASSWORD": database.app_password, "PGAPPNAME": CANARY},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: database.superuser(_RUNNING), "the statement to run")
        yield session
    finally:
        database.superuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pazpaz'")
        session.wait(10)


_RUNNING = f"SELECT pid FROM pg_stat_activity WHERE query LIKE '%{CANARY}%' AND usename = 'pazpaz' AND state = 'active'"


def finds(text: str) -> list[object]:
    return list(Scanner({"canary": CANARY.split("-")}).text(text, "postgres"))


def test_the_server_s_log_holds_no_row(database: ShippedPostgres) -> None:
    """Whatever fails, and however its message quotes a value: the client hears it, the server's log doesn't."""
    heard = {how: database.app(sql) for how, sql in FAILING.items()}
    silent = {how for how, done in heard.items() if not done.stderr}
    assert silent == {"log"}, "a statement that was to fail did not"
    assert finds(heard["unique"].stderr), "the canary was not in the client's message: nothing was proven"
    # Others than the application, whose role has a setting of its own.
    assert database.exporter(FAILING["bad number"]).returncode != 0
    assert database.superuser(f"SELECT '{CANARY}'::integer", fails=True) == ""
    assert finds(database.log) == []


@pytest.mark.slow
def test_a_crash_names_no_statement(tmp_path: Path) -> None:
    """A session that is killed takes the server through recovery, and the statement it was running isn't logged."""
    with ShippedPostgres(tmp_path / "pg") as database:
        with statement_running(database):
            os.kill(int(database.superuser(_RUNNING)), signal.SIGKILL)
            wait_until(lambda: database.log.count("ready to accept connections") == 2, "the recovery")
        assert "was terminated by signal 9" in database.log
        assert finds(database.log) == []


def test_refused_logins_are_logged_and_name_nobody_s_password(database: ShippedPostgres) -> None:
    """A wrong password is refused and logged; the superuser can't log in over the network at all."""
    assert database.login("pazpaz", CANARY).returncode != 0
    assert database.login("postgres", "").returncode != 0
    wait_until(lambda: 'password authentication failed for user "pazpaz"' in database.log, "the log line")
    assert "rejects connection" in database.log
    assert finds(database.log) == []


@pytest.mark.parametrize("what", EVERYTHING_HIDDEN)
def test_the_exporter_is_refused(database: ShippedPostgres, what: str) -> None:
    """The exporter's role reads no row, no file, no password, no statement, and writes nothing."""
    done = database.exporter(EVERYTHING_HIDDEN[what])
    if what == "another's session":
        assert done.stdout.strip() == "", done.stdout
    else:
        assert done.returncode != 0, done.stdout


def test_the_exporter_sees_no_statement_of_others(database: ShippedPostgres, talking: subprocess.Popen[bytes]) -> None:
    """Neither the running statements nor the counted ones nor the tables' statistics show it a literal."""
    assert talking.poll() is None
    answers = [
        database.exporter(sql).stdout
        for sql in (
            "SELECT * FROM pg_stat_activity",
            "SELECT query FROM pg_catalog.pg_stat_activity WHERE usename <> current_user",
            "SELECT * FROM pg_stat_statements",
            "SELECT * FROM pg_stat_statements(true)",
            "SELECT * FROM pg_stats",
            "SELECT * FROM pg_prepared_statements",
            "SELECT * FROM pg_locks",
        )
    ]
    assert finds("\n".join(answers)) == []
    assert database.exporter("SELECT count(*) > 0, count(query) FROM pg_stat_statements(true)").stdout == "t|0\n"
    assert (
        database.exporter(
            "SELECT count(*), count(query) FROM pg_stat_activity WHERE usename = 'pazpaz' AND state = 'active'"
        ).stdout
        == "1|0\n"
    )


def test_the_exporter_gets_all_that_it_measures(
    database: ShippedPostgres, talking: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """The real exporter collects without an error, counts others' sessions by state, and shows no canary."""
    assert talking.poll() is None
    command, environment = postgres_exporter(database.port, database)
    with Exporter(command, tmp_path / "exporter", environment) as exporter:
        page = scrape(f"http://{exporter.target}/metrics", "pg_up 1")
        assert get(f"http://{exporter.target}/")[0] == 200, "the page that the health check asks for"
        log = exporter.log
        command_line = Path(f"/proc/{exporter.pid}/cmdline").read_text()
    assert "pg_exporter_last_scrape_error 0" in page
    assert 'pg_scrape_collector_success{collector="database"} 1' in page
    assert "} 0" not in "\n".join(line for line in page.splitlines() if line.startswith("pg_scrape_collector_success"))
    for metric in ("pg_settings_max_connections", "pg_stat_database_numbackends", "pg_database_size_bytes"):
        assert f"\n{metric}" in page, metric
    active = [
        line for line in page.splitlines()
        if line.startswith("pg_stat_activity_count{") and 'datname="pazpaz"' in line and 'state="active"' in line
    ]  # fmt: skip
    assert any(float(line.rpartition(" ")[2]) >= 1 for line in active), active
    assert finds(page + log) == []
    assert "permission denied" not in log
    assert database.exporter_password not in page + log + command_line


def asked() -> set[str]:
    """Names of PostgreSQL's metrics that rules and dashboards ask for."""
    rules = "".join(file.read_text() for file in (MONITORING / "prometheus/alerts").glob("*.yml"))
    boards = [json.loads(file.read_text()) for file in (MONITORING / "grafana/dashboards").glob("*.json")]
    panels = [target.get("expr", "") for board in boards for target in targets(board)]
    names = set(re.findall(r"\bpg_[a-z0-9_]+", rules + " ".join(panels)))
    return names - {"pg_database_wraparound_age_dat"} | {"pg_database_wraparound_age_datfrozenxid_seconds"}


def targets(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [target for panel in board["panels"] for target in panel.get("targets", [])]


def test_the_exporter_has_each_metric_that_is_asked_for(database: ShippedPostgres, tmp_path: Path) -> None:
    """No rule and no panel waits for a name that the shipped exporter doesn't have, of slots and replicas either."""
    database.superuser("SELECT pg_create_physical_replication_slot('copy')")
    command, environment = postgres_exporter(database.port, database)
    with Exporter(command, tmp_path / "exporter", environment) as exporter:
        page = scrape(f"http://{exporter.target}/metrics", "pg_up 1")
    database.superuser("SELECT pg_drop_replication_slot('copy')")
    shown = set(re.findall(r"(?m)^(pg_[a-z0-9_]+)[{ ]", page))
    assert asked() - shown == set()
    # By its changelog, the shipped 0.20 has these no more; it calls what else is asked for as this one does.
    assert not [name for name in asked() if name.startswith("pg_replication_slot_")]
    assert re.search(r'(?m)^pg_replication_slots_active{.*slot_name="copy".*} 0$', page)


def test_roles_can_be_made_again(database: ShippedPostgres) -> None:
    """The script that makes the roles runs again without an error and sets the passwords that the files hold now."""
    old, database.app_password = database.app_password, "another-password"
    try:
        database.run_roles()
        assert database.login("pazpaz", "another-password").returncode == 0
        assert database.login("pazpaz", old).returncode != 0
    finally:
        database.app_password = old
        database.run_roles()


def test_nobody_is_a_superuser_but_the_superuser(database: ShippedPostgres) -> None:
    """No role that logs in over the network may do more than its own work."""
    powerful = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND (rolsuper OR rolcreaterole OR rolcreatedb)"
    assert database.superuser(powerful) == "postgres"
    members = "SELECT pg_has_role('pazpaz_exporter', r.oid, 'member') FROM pg_roles r WHERE rolname LIKE 'pg\\_%'"
    assert set(database.superuser(members).split()) == {"f"}
