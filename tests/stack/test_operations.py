"""docs/operations.md, line by line: each command runs, or says why not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.compose import ROOT
from tests.programs import compose_binary

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs/operations.md"
MARK = re.compile(r"\s# (not tested here|tested by): (\S.*)$")
COMMANDS = (
    r"apt-get|cat|cd|certbot|curl|docker|git|gpg|head|install|ls|nano|pazpaz-otel|printf|rm|sh|ssh|sudo|systemctl"
)


def blocks() -> list[list[str]]:
    """The lines of each shell block of the page."""
    return [
        block.splitlines() for block in re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    ]


def runnable() -> list[str]:
    """The part of each block that has no mark, in the page's order."""
    scripts = ["\n".join(line for line in block if not MARK.search(line)).strip() for block in blocks()]
    return [script for script in scripts if script]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout: every tracked file as it is now, nothing else, and a git repository around it."""
    folder = tmp_path / "checkout"
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("frontend/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.mark.stack
@pytest.mark.slow
def test_the_page_s_commands_run_from_top_to_bottom(checkout: Path, tmp_path: Path) -> None:
    """In a fresh checkout every command without a mark succeeds, in the page's order."""
    programs = tmp_path / "bin"
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$1" = compose ] || exit 64\nshift\nexec {compose_binary()} "$@"\n')
    docker.chmod(0o755)
    (checkout / ".venv").symlink_to(sys.prefix)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    scripts = runnable()
    assert len(scripts) >= 8
    for script in scripts:
        done = subprocess.run(
            ["sh", "-eu", "-c", script], stdin=subprocess.DEVNULL, cwd=checkout, env={**os.environ, "PATH": path},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    assert (checkout / "secrets/tls/fullchain.pem").exists()
    stack = subprocess.run(
        [str(compose_binary()), "-f", "docker-compose.prod.yml", "config"],
        cwd=checkout, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "grafana/loki" in stack, "the last block switched logs on, in .env"
    assert stack.count("STACK_PROFILES: logs") == 2, "the Collector and the API are told"
    exporter = json.loads((checkout / "secrets/redis_exporter_passwords.json").read_text())
    assert set(exporter.values()) == {(checkout / "secrets/redis_exporter_password").read_text()}, (
        "as it was changed to"
    )
    secrets = [file.read_text().strip() for file in (checkout / "secrets").iterdir() if file.is_file()]
    assert len(secrets) > 8
    assert not [secret for secret in secrets if secret in stack], "a credential in the rendered stack"


@pytest.mark.stack
def test_a_replica_is_watched_as_the_page_says(checkout: Path) -> None:
    """The page's service in the extras file is one that compose takes, hardened, logged in as the shipped exporter."""
    [block] = re.findall(r"^```yaml\n(services:\n.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    (checkout / "docker-compose.extras.yml").write_text(block)
    done = subprocess.run(
        [str(compose_binary()), "-f", "docker-compose.prod.yml", "config", "--format", "json"],
        cwd=checkout, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    new, shipped = services["replica-exporter"], services["postgres-exporter"]
    for key in ("image", "user", "read_only", "cap_drop", "secrets"):
        assert new[key] == shipped[key], key
    assert new["environment"].keys() == shipped["environment"].keys()


def test_every_mark_is_kept() -> None:
    """A mark that names a test names one that exists; one that names a reason names it."""
    marks = [match.groups() for block in blocks() for line in block if (match := MARK.search(line))]
    assert marks
    for kind, what in marks:
        if kind == "tested by":
            assert (ROOT / what).is_file(), what
        else:
            assert len(what.split()) >= 2, what


def test_no_command_hides_in_the_text() -> None:
    """Commands stand in blocks, where they are run or marked, and not between backticks in a sentence."""
    text = re.sub(r"^```.*?^```$", "", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(rf"`((?:{COMMANDS}) [^`]+)`", text) == []


def test_a_fresh_server_has_what_the_page_starts() -> None:
    """Each program is Debian's and Ubuntu's own, Docker's, or installed by the page before."""
    there = {"apt-get", "cat", "cd", "echo", "head", "install", "ls", "rm", "sh", "ssh", "python3"}
    given = {"gnupg": {"gpg"}, "python3-venv": {".venv/bin/pip", ".venv/bin/python"}}
    by_line = {"get.docker.com": {"docker"}, ".venv/bin/pip install .": {".venv/bin/pazpaz-otel"}}
    for line in (line for block in blocks() for line in block):
        # What `.env` is given; and the last step of a pipeline, which runs elsewhere.
        if re.match(r"[A-Z_]+=|EOF$|  |pazpaz-otel deployed ", line):
            continue
        commands = [part.split()[0] for part in re.split(r" (?:\|\|?|&&) ", MARK.sub("", line).replace("'", ""))]
        packages = re.findall(r"apt-get install -y ([\w. -]+)", MARK.sub("", line))
        for package in " ".join(packages).split():
            there |= given.get(package, {package})
        assert [command for command in commands if command not in there | {"echo", "od", "tr"}] == [], line
        for words, programs in by_line.items():
            if words in line:
                there |= programs


def test_the_page_installs_what_renders_dashboards() -> None:
    """The version is the one that the project pins."""
    [pin] = re.findall(r"'(grafana-foundation-sdk==[^']+)'", PAGE.read_text())
    assert f'"{pin}"' in (ROOT / "pyproject.toml").read_text()


def test_files_that_the_page_names_are_there() -> None:
    """Each path of the repository that the page mentions exists."""
    named = set(re.findall(r"`((?:deploy|docs|monitoring|collector|tests|examples)/[\w./-]+)`", PAGE.read_text()))
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]


def test_every_variable_that_the_stack_reads_is_on_the_page() -> None:
    """A variable in a compose file is explained, or is an image of versions.env."""
    page = PAGE.read_text() + (ROOT / ".env.example").read_text().replace("#", "`").replace("=", "`")
    text = "".join(file.read_text() for file in (ROOT / "deploy/compose").glob("*.yml"))
    variables = set(re.findall(r"\$\{([A-Z_]+)", text)) - {"COMPOSE_PROJECT_NAME"}
    assert variables
    unexplained = {name for name in variables if not name.endswith("_IMAGE") and f"`{name}`" not in page}
    assert unexplained == set()
