"""`pazpaz-otel run`: a first trace without a server."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pazpaz_otel.settings import inherited
from tests.programs import free_port, wait_until
from tests.programs.running import get

pytestmark = pytest.mark.slow

MANY = 60
"""Requests, so that some end just before what has ended is exported."""
APPS = Path(__file__).parent / "apps"
RUN = [str(Path(sys.executable).with_name("pazpaz-otel")), "run", "--"]


@pytest.mark.parametrize("columns", ["80", "120"])
def test_a_request_is_shown_as_it_would_leave(tmp_path: Path, columns: str):
    """Each request is a tree with its log lines, without a Collector, and no value of it is on the terminal."""
    port = free_port()
    output = tmp_path / "stderr"
    command = [*RUN, "uvicorn", "clinic:app", "--app-dir", str(APPS), "--port", str(port), "--no-access-log"]
    with output.open("wb") as file:
        environment = inherited({"COLUMNS": columns})
        process = subprocess.Popen(command, stderr=file, stdout=file, env=environment, cwd=tmp_path)
        try:
            wait_until(lambda: get(f"http://127.0.0.1:{port}/health")[0] == 200, "the application serves", 60)
            for _ in range(MANY):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/clients/305123456?name=Dvora", timeout=10).read()
            get(f"http://127.0.0.1:{port}/nowhere/305123456")
            wait_until(lambda: output.read_text().count("GET /clients/{client_id}") == MANY, "all are shown", 20)
            wait_until(lambda: "404" in output.read_text(), "what no route matches is shown", 20)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)
    told = output.read_text(encoding="utf-8")
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3}  GET /clients/\{client_id\} +200 +[\d.]+ ms$", told, re.MULTILINE)
    assert len(re.findall(r"^ {14}[├└]─ WARN clinic client read by %s$", told, re.MULTILINE)) == MANY
    # An address, a user agent, a query and a path without a route are collected nowhere, so none of them counts.
    assert "held back" not in told
    assert "Dvora" not in told
    assert "305123456" not in told
    assert "\x1b[" not in told


def test_the_environment_s_own_program_is_started(tmp_path: Path):
    """Of two programs of one name, the one that was installed beside the command runs, whatever the path says."""
    stranger = tmp_path / "uvicorn"
    stranger.write_text("#!/bin/sh\necho stranger\n")
    stranger.chmod(0o755)
    environment = inherited({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    done = subprocess.run(
        [*RUN, "uvicorn", "--version"], capture_output=True, text=True, env=environment, check=False, timeout=60
    )
    assert done.stdout.startswith("Running uvicorn")


@pytest.mark.parametrize("separator", [[], ["--"]])
def test_options_after_the_command_are_the_command_s(separator: list[str]):
    """A command is started with its options, whether or not `--` stands before it; none is exit code 2."""
    done = subprocess.run(
        [*RUN[:-1], *separator, "uvicorn", "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.startswith("Running uvicorn")
    done = subprocess.run([*RUN[:-1], *separator], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "name the command that starts the application" in done.stderr


def test_a_program_that_is_not_there(tmp_path: Path):
    """A command that can't be started is named, with exit code 2."""
    done = subprocess.run(
        [*RUN, "no-such-server"], capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "there is no program `no-such-server`" in done.stderr
