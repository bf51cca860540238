"""Redis as shipped: who may do what, and what the server and its exporter write."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.audit.scan import Scanner
from tests.programs import Program, debian_binary, free_port
from tests.stack.shipped import ShippedRedis, scrape

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.stack

CANARY = "Zquithbazin-Kelhepzib"
KEY = f"session:{CANARY}"

KEYS_AND_ARGUMENTS = [
    "keys *", "scan 0", "randomkey", "dbsize", f"get {KEY}", f"type {KEY}", f"exists {KEY}", f"memory usage {KEY}",
    f"object encoding {KEY}", f"dump {KEY}", "slowlog get", "slowlog len", "client list", "client info", "monitor",
    "psubscribe *", "acl list", "acl log", "config get *", "latency history command", "module list", "sort x",
    "xinfo stream x", "command getkeys get x", "bgsave", "shutdown nosave", "replicaof no one", "flushall",
    "debug sleep 0", "script flush", "function list",
]  # fmt: skip
"""Commands that show keys, arguments or clients, or that change something."""

ADMINISTRATION = [
    "keys *", "flushall", "flushdb", "monitor", "client list", "config get *", "config set maxmemory 1", "slowlog get",
    "acl list", "acl log", "shutdown nosave", "debug sleep 0", "replicaof no one", "save",
]  # fmt: skip
"""Commands that the application has no use for."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedRedis]:
    with ShippedRedis(tmp_path_factory.mktemp("redis") / "server") as server:
        assert server.app("set", KEY, CANARY) == "OK"
        yield server


def finds(text: str) -> list[object]:
    return list(Scanner({"canary": CANARY.split("-")}).text(text, "redis"))


def refused(answer: str) -> bool:
    return answer.startswith(("NOPERM", "NOAUTH", "ERR DEBUG command not allowed"))


def test_nobody_gets_in_without_a_name(redis: ShippedRedis) -> None:
    """The default user is off, a wrong password is refused, and the health check's user may say PING alone."""
    anonymous = subprocess.run(
        [str(debian_binary("redis-cli")), "-p", str(redis.port), "ping"], capture_output=True, text=True, check=False
    )
    assert "NOAUTH" in anonymous.stdout
    assert refused(redis.call("app", "wrong", "get", KEY))
    assert redis.call("health", "-", "ping") == "PONG"
    for command in ("info", f"get {KEY}", "config get *", "acl whoami"):
        assert refused(redis.call("health", "-", *command.split())), command


@pytest.mark.parametrize("command", KEYS_AND_ARGUMENTS)
def test_the_exporter_sees_no_key_and_no_argument(redis: ShippedRedis, command: str) -> None:
    """The exporter may ask for counts, and for nothing that names a key, an argument or a client."""
    answer = redis.exporter(*command.split(" "))
    assert refused(answer), answer
    assert redis.app("get", KEY) == CANARY


@pytest.mark.parametrize("command", ADMINISTRATION)
def test_the_application_does_not_administer(redis: ShippedRedis, command: str) -> None:
    """The application's user may use keys, and may not list them, watch others or change the server."""
    assert refused(redis.app(*command.split(" ")))


def test_the_application_does_its_work(redis: ShippedRedis) -> None:
    """What a cache, a lock, a queue and a bus need is allowed."""
    assert redis.app("set", "lock:1", "me", "NX", "PX", "1000") == "OK"
    assert redis.app("eval", "return redis.call('get', KEYS[1])", "1", "lock:1") == "me"
    assert redis.app("xadd", "queue", "*", "f", "v")
    assert redis.app("publish", "updates", "x") == "0"
    assert redis.app("ping") == "PONG"


def test_slow_commands_and_refused_keys_are_not_kept(tmp_path: Path) -> None:
    """There is nothing to read in SLOWLOG, ACL LOG and the latency monitor, even for one who may read everything."""
    with ShippedRedis(tmp_path / "redis", "user auditor on nopass ~* &* +@all\n") as redis:
        redis.app("eval", "local n = 0 for i = 1, 3e6 do n = n + i end return n", "1", KEY)  # slow
        assert refused(redis.exporter("get", KEY))
        assert refused(redis.app("config", "set", "save", CANARY))

        def asked(*command: str) -> str:
            return redis.call("auditor", "-", *command)

        assert asked("slowlog", "len") == "0"
        assert asked("acl", "log") == ""
        assert asked("latency", "latest") == ""
        assert asked("config", "get", "crash-log-enabled").split() == ["crash-log-enabled", "no"]
        assert finds(redis.log) == []


def test_the_exporter_collects_and_shows_nobody(redis: ShippedRedis, tmp_path: Path) -> None:
    """The real exporter, logged in by its password file, collects without an error and shows no canary."""
    redis.app("hset", KEY, "field", CANARY)  # an error that quotes nothing, but is counted
    redis.app("get")
    port = free_port()
    passwords = tmp_path / "passwords.json"
    address = f"127.0.0.1:{redis.port}"
    passwords.write_text(
        json.dumps({f"redis://{address}": redis.exporter_password,
                    f"redis://exporter@{address}": redis.exporter_password})
    )  # fmt: skip
    environment = {
        "REDIS_ADDR": f"redis://{address}",
        "REDIS_USER": "exporter",
        "REDIS_PASSWORD_FILE": str(passwords),
        "REDIS_EXPORTER_CONFIG_COMMAND": "-",
        "REDIS_EXPORTER_SET_CLIENT_NAME": "false",
        "REDIS_EXPORTER_EXCLUDE_LATENCY_HISTOGRAM_METRICS": "true",
    }
    command = [str(debian_binary("prometheus-redis-exporter")), f"--web.listen-address=127.0.0.1:{port}"]
    with Program(command, tmp_path / "exporter", environment, name="redis-exporter") as exporter:
        page = scrape(f"http://127.0.0.1:{port}/metrics", "redis_up 1")
        log = exporter.log
        command_line = Path(f"/proc/{exporter.pid}/cmdline").read_text()
    assert 'redis_exporter_last_scrape_error{err=""} 0' in page
    assert 'redis_db_keys{db="db0"}' in page
    assert "redis_memory_max_bytes 2.68435456e+08" in page
    assert finds(page + log) == []
    assert redis.exporter_password not in page + log + command_line


def test_passwords_are_in_no_command_line_and_not_in_the_acl_file(redis: ShippedRedis) -> None:
    """The server's command line names no password, and its user file holds hashes."""
    command_line = Path(f"/proc/{redis.pid}/cmdline").read_text()
    users = (redis.folder / "run/users.acl").read_text()
    for password in (redis.app_password, redis.exporter_password):
        assert password not in command_line + users + redis.log
    assert users.count("#") == 2
