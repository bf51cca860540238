"""`pazpaz-otel`, and its `doctor`, as a user runs it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from pazpaz_otel import cli
from pazpaz_otel.settings import inherited


def run(folder: Path | None, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, or where the tests run, with more settings than the tests' own."""
    command = [str(Path(sys.executable).with_name("pazpaz-otel")), "doctor", *arguments]
    return subprocess.run(
        command, cwd=folder, env=inherited(environment), capture_output=True, text=True, timeout=120, check=False
    )


def findings(folder: Path | None, environment: dict[str, str], *arguments: str) -> list[dict[str, str]]:
    """Return the command's findings."""
    return _found(folder, environment, *arguments)[1]


def doctor(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, tuple[str, str]], str]:
    """Return the command's exit code, its findings (state and text by subject), and all of its output."""
    code, found, output = _found(folder, environment, *arguments)
    return code, {one["subject"]: (one["state"], one["text"]) for one in found}, output


def _found(folder: Path | None, environment: dict[str, str], *arguments: str) -> tuple[int, list[dict[str, str]], str]:
    code, said, errors = commanded(folder, environment, "doctor", "--json", *arguments)
    assert "Traceback" not in errors
    return code, list(json.loads(said)), said + errors


def commanded(folder: Path | None, environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run a command inside this process, which saves a start, and return its exit code and what it said.

    The process that it examines is one of its own.
    """
    before, streams = dict(os.environ), (io.StringIO(), io.StringIO())
    with (
        contextlib.chdir(folder or Path.cwd()),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        try:
            _set(inherited(environment))
            code = cli.main(arguments)
        finally:
            _set(before)
    said, errors = (stream.getvalue() for stream in streams)
    return code, said, errors


def _set(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
