"""Each command in a runbook works on the shipped stack, or the reason stands here why that can't be seen."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.cli import main
from tests.architecture.compose import FILE, ROOT, services
from tests.programs import amtool_binary, compose_binary, promtool_binary
from tests.stack.shipped import ShippedPostgres, ShippedRedis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.stack

PROGRAMS = "cat|certbot|curl|docker|du|journalctl|openssl|pazpaz-otel|python|sh|ssh|systemctl"
NOT_HERE = {
    "certbot": "needs a domain",
    "curl": "asks the production site; nginx's answers are in tests/stack/test_nginx.py",
    "docker builder": "needs a Docker daemon",
    "docker image": "needs a Docker daemon",
    "docker system": "needs a Docker daemon",
    "du": "reads the server's disk",
    "journalctl": "reads the server's kernel log",
    "openssl": "asks the production site",
    "ssh": "needs a server",
    "systemctl": "changes the server's clock",
}
"""Commands that aren't run: their first words, and why."""
ELSEWHERE = {
    "sh deploy/update.sh": "tests/stack/test_update.py",
    "sh /etc/postgresql/backup.sh once": "tests/stack/test_backup.py",
    "wget -q -O - http://alertmanager:9093/-/ready": "tests/stack/test_starts.py",
    "pazpaz-otel doctor": "tests/integration/test_doctor.py",
}
"""Commands that another test runs."""
NOT_RUN = {"pg_drop_replication_slot": "no slot of that name is here: that the statement is understood is seen"}


def commands() -> list[str]:
    """Every command of every runbook, in blocks and between backticks."""
    found: list[str] = []
    for page in sorted((ROOT / "docs" / "runbooks").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        found += [line for block in blocks for line in block.splitlines() if line.strip()]
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
        found += re.findall(rf"`((?:{PROGRAMS}) [^`\n]+)`", prose)
    return sorted(set(found))


def in_a_container() -> list[tuple[str, str]]:
    """What runs within a service's container: the service, and the command."""
    matches = (re.match(r"docker compose -f \S+ (?:exec|run --rm --no-deps) ([\w-]+) (.+)", one) for one in commands())
    return [(match[1], match[2]) for match in matches if match]


def words(command: str) -> str:
    """The words by which a command is looked up."""
    parts = command.split()
    return " ".join(parts[:2]) if parts[0] == "docker" else parts[0]


@pytest.mark.parametrize("command", [command for command in commands() if command.startswith("docker compose")])
def test_compose_takes_it(command: str) -> None:
    """Docker Compose knows the verb and its options, and the stack the services."""
    arguments = shlex.split(command.partition("|")[0])[2:]
    assert arguments[:2] == ["-f", FILE]
    verb, rest = arguments[2], arguments[3:]
    takes = re.match(r"((?:--\S+(?: \d+\w?)? ?)*)(.*)", " ".join(rest))
    assert takes
    options, names = takes[1].split(), takes[2].split()
    names = names[:1] if verb in {"exec", "run"} else names
    assert set(names) - {"SERVICE"} <= services().keys()
    asked = [str(compose_binary()), "-f", FILE, verb, *options, "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{verb} [OPTIONS]" in done.stdout


@pytest.mark.parametrize("command", commands())
def test_each_has_its_proof(command: str) -> None:
    """A command is run by a test here or elsewhere, or there is a reason."""
    inside = re.match(r"docker compose -f \S+ (?:exec|run --rm --no-deps) [\w-]+ (.+)", command)
    what = inside[1] if inside else command
    if what in ELSEWHERE:
        assert re.search(rf"\b{what.split()[0]}\b", (ROOT / ELSEWHERE[what]).read_text(encoding="utf-8"))
        return
    assert inside or command.startswith("docker compose") or words(what) in {*NOT_HERE, "pazpaz-otel", "python"}, what
    if inside:
        assert what.split()[0] in {"amtool", "promtool", "psql", "redis-cli"}, what


def test_the_doctor_has_the_collector_s_token() -> None:
    """The image's entry point adds it; what `exec` starts beside the application sends without, and is refused."""
    asked = [command for command in commands() if "pazpaz-otel doctor" in command]
    assert asked
    assert [command for command in asked if " run --rm --no-deps api " not in command] == []


def test_every_reason_is_needed() -> None:
    """Nothing is excused that no runbook says."""
    said = {words(command) for command in commands()}
    within = {command for _, command in in_a_container()} | set(commands())
    assert set(NOT_HERE) - said == set()
    assert set(ELSEWHERE) - within == set()


@pytest.mark.parametrize(
    "command", [command for command in commands() if command.startswith(("pazpaz-otel", "python"))]
)
def test_our_own_commands_are_understood(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line takes each of ours; a script is there and succeeds."""
    if command.startswith("python"):
        done = subprocess.run([sys.executable, *command.split()[1:]], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0
        return
    with pytest.raises(SystemExit) as stopped:
        main([*command.split()[1:], "--help"])
    assert stopped.value.code == 0
    assert "usage" in capsys.readouterr().out


@pytest.mark.parametrize("tool", ["amtool", "promtool"])
def test_configurations_are_checked_as_said(tool: str, tmp_path: Path) -> None:
    """The real tool takes the command, on the file that the container has under that path."""
    binary = {"amtool": amtool_binary, "promtool": promtool_binary}[tool]()
    [command] = {command for _, command in in_a_container() if command.startswith(tool)}
    folders = {"/etc/alertmanager": ROOT / "monitoring/alertmanager", "/etc/prometheus": ROOT / "monitoring/prometheus"}
    for there, here in folders.items():
        command = command.replace(there, str(here))
    done = subprocess.run(
        [str(binary), *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedPostgres]:
    """PostgreSQL as shipped."""
    with ShippedPostgres(tmp_path_factory.mktemp("postgres")) as running:
        yield running


@pytest.mark.parametrize("command", sorted({command for _, command in in_a_container() if command.startswith("psql")}))
def test_statements_are_understood(database: ShippedPostgres, command: str) -> None:
    """PostgreSQL takes the statement, over the socket as the container's own user."""
    *_, statement = shlex.split(command)
    fails = any(name in statement for name in NOT_RUN)
    arguments = shlex.split(command)
    name = arguments[arguments.index("-d") + 1] if "-d" in arguments else "postgres"
    database.superuser(statement, database=name, fails=fails)


def test_redis_answers_as_said(tmp_path: Path) -> None:
    """Redis answers the runbook's own ping."""
    [command] = {command for _, command in in_a_container() if command.startswith("redis-cli")}
    arguments = shlex.split(command)
    user, password = (arguments[arguments.index(option) + 1] for option in ("--user", "--pass"))
    with ShippedRedis(tmp_path / "redis") as server:
        ask: Callable[..., str] = server.call
        assert ask(user, password, arguments[-1]) == "PONG"
