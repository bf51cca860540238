"""The reference backend behind nginx, on PostgreSQL and Redis, as shipped, under traffic full of invented patients."""

from __future__ import annotations

import asyncio
import json
import signal
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.traffic import Account, Plan, drive
from pazpaz_otel import yaml_text
from pazpaz_otel.audit.scan import Scanner
from tests.integration.backend import NOWHERE, Backend
from tests.programs import Program, Prometheus, debian_binary, free_port, wait_until
from tests.programs.running import get
from tests.stack.shipped import ROOT, ShippedNginx, ShippedPostgres, ShippedRedis, postgres_exporter, scrape

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SCRIPT_ERROR = "ZQUITHBAZINKELHEPZIB"


@dataclass
class Stack:
    """The running programs, and what was sent through them."""

    account: Account
    database: ShippedPostgres
    redis: ShippedRedis
    nginx: ShippedNginx
    backend: Backend
    exporters: dict[str, Program]
    pages: dict[str, str]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with ExitStack() as running, pytest.MonkeyPatch.context() as environment:
        database = running.enter_context(ShippedPostgres(folder / "pg"))
        redis = running.enter_context(ShippedRedis(folder / "redis"))
        settings = {
            "DATABASE_URL": f"postgresql://pazpaz@127.0.0.1:{database.port}/pazpaz",
            "DATABASE_PASSWORD_FILE": str(folder / "pg/secrets/postgres_app_password"),
            "REDIS_URL": f"redis://app@127.0.0.1:{redis.port}/0",
            "REDIS_PASSWORD_FILE": str(folder / "redis/secrets/redis_app_password"),
            "ENABLE_TEST_ENDPOINTS": "false",
        }
        backend = running.enter_context(Backend(folder / "api", NOWHERE | settings, instrumented=True))
        nginx = running.enter_context(ShippedNginx(folder / "nginx", backend.port, "localhost"))
        environment.setenv("SSL_CERT_FILE", str(nginx.certificate))
        account = asyncio.run(drive(f"https://localhost:{nginx.https}", Plan(seed=7, workspaces=2)))
        redis.app("eval", f"return redis.error_reply('{SCRIPT_ERROR} failed')", "0")
        exporters, pages = {}, {}
        for name, (command, variables, up) in _exporters(folder, database, redis).items():
            port = free_port()
            exporter = Program(
                [*command, f"--web.listen-address=127.0.0.1:{port}"], folder / name, variables, name=name
            )
            exporters[name] = running.enter_context(exporter)
            pages[name] = scrape(f"http://127.0.0.1:{port}/metrics", up)
            exporter.environment["PORT"] = str(port)
        yield Stack(account, database, redis, nginx, backend, exporters, pages)


def _exporters(
    folder: Path, database: ShippedPostgres, redis: ShippedRedis
) -> dict[str, tuple[list[str], dict[str, str], str]]:
    passwords = folder / "redis_exporter_passwords.json"
    address = f"redis://127.0.0.1:{redis.port}"
    passwords.write_text(
        json.dumps(dict.fromkeys((address, address.replace("//", "//exporter@")), redis.exporter_password))
    )
    return {
        "postgres-exporter": (*postgres_exporter(database.port, database), "pg_up 1"),
        "redis-exporter": (
            [str(debian_binary("prometheus-redis-exporter"))],
            {"REDIS_ADDR": address, "REDIS_USER": "exporter", "REDIS_PASSWORD_FILE": str(passwords),
             "REDIS_EXPORTER_CONFIG_COMMAND": "-", "REDIS_EXPORTER_SET_CLIENT_NAME": "false"},
            "redis_up 1",
        ),
    }  # fmt: skip


def test_the_shipped_roles_are_enough_for_the_application(stack: Stack) -> None:
    """The backend makes its tables, writes, reads and publishes live updates with its own two users."""
    assert stack.account.requests[("POST", "/api/v1/clients", 201)] > 0
    assert sum(stack.account.live_updates.values()) > 0
    assert stack.database.superuser("SELECT count(*) > 0 FROM public.clients") == "t"
    assert get(f"{stack.backend.url}/health/ready")[0] == 200


def test_the_traffic_was_full_of_patients(stack: Stack) -> None:
    """What was planted went through: it is in the rows, or the other tests would prove nothing."""
    rows = stack.database.superuser("SELECT string_agg(c::text, ' ') FROM public.clients c")
    assert list(Scanner({"planted": stack.account.texts}).text(rows, "rows"))


@pytest.mark.parametrize("program", ["nginx", "postgres", "redis", "postgres-exporter", "redis-exporter"])
def test_no_program_writes_a_patient(stack: Stack, program: str) -> None:
    """No log of any program, and no exporter's page, holds anything that was planted in requests and rows."""
    written = {
        "nginx": stack.nginx.written,
        "postgres": lambda: stack.database.log,
        "redis": lambda: stack.redis.log,
        "postgres-exporter": lambda: stack.exporters[program].log + stack.pages[program],
        "redis-exporter": lambda: stack.exporters[program].log + stack.pages[program],
    }[program]()
    assert written
    assert list(Scanner({"planted": stack.account.texts}).text(written, program)) == []


def test_a_script_s_own_error_ends_at_prometheus(stack: Stack, tmp_path: Path) -> None:
    """Redis counts errors by their first word, which a script can choose: Prometheus drops words that aren't Redis'."""
    assert f'redis_errors_total{{err="{SCRIPT_ERROR}"}}' in stack.pages["redis-exporter"]
    shipped = yaml_text.load((ROOT / "monitoring/prometheus/prometheus.yml").read_text())
    (job,) = (job for job in shipped["scrape_configs"] if job["job_name"] == "redis")
    job["static_configs"][0]["targets"] = [f"127.0.0.1:{stack.exporters['redis-exporter'].environment['PORT']}"]
    stack.redis.app("get")  # ERR: one of Redis' own
    config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": [job]}
    with Prometheus(config, tmp_path / "prometheus") as prometheus:
        errors = wait_until(lambda: prometheus.query("redis_errors_total"), "the first scrape", 60)
        assert SCRIPT_ERROR not in {labels["err"] for labels, _ in errors}
        assert "ERR" in {labels["err"] for labels, _ in errors}
        assert not [labels for labels, _ in errors if "__tmp_known" in labels]
        assert prometheus.query("redis_up")[0][1] == 1.0


def test_no_credential_is_in_a_command_line_or_a_log(stack: Stack) -> None:
    """Passwords reach the programs as files: neither the process list nor anything written shows one."""
    programs = [stack.database, stack.redis, stack.nginx, stack.backend, *stack.exporters.values()]
    lines = [Path(f"/proc/{program.pid}/cmdline").read_text() for program in programs]
    written = [program.log for program in programs] + list(stack.pages.values()) + [stack.nginx.written()]
    for password in (
        stack.database.app_password, stack.database.exporter_password, stack.redis.app_password,
        stack.redis.exporter_password,
    ):  # fmt: skip
        assert not [text for text in lines + written if password in text]


def test_a_stopped_database_is_told_and_forgotten(stack: Stack) -> None:
    """Nginx passes 503 on while the database is gone, goes on serving the page, and 200 when it's back."""
    health = f"https://localhost:{stack.nginx.https}/health"
    page = f"https://localhost:{stack.nginx.https}/"
    assert get(health)[0] == 200
    with urllib.request.urlopen(urllib.request.Request(health, method="HEAD"), timeout=5) as answer:
        assert (answer.status, answer.read()) == (200, b"")  # as uptime services ask
    port, command = stack.database.port, list(stack.database.command)
    stack.database._end(signal.SIGINT, 20)  # the image's own stop signal: a fast shutdown
    try:
        wait_until(lambda: get(health)[0] == 503, "503", 10)
        assert get(page)[0] == 200
        assert get(f"http://127.0.0.1:{stack.nginx.liveness}/live")[0] == 200
    finally:
        assert (port, command) == (stack.database.port, stack.database.command)
        Program.start(stack.database)
    wait_until(lambda: get(health)[0] == 200, "200 again", 30)
