"""`pazpaz-otel doctor`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pazpaz_otel.settings import inherited


def run(folder: Path | None, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, or where the tests run, with more settings than the tests' own."""
    command = [str(Path(sys.executable).with_name("pazpaz-otel")), "doctor", *arguments]
    return subprocess.run(
        command, cwd=folder, env=inherited(environment), capture_output=True, text=True, timeout=120, check=False
    )


def findings(folder: Path | None, environment: dict[str, str], *arguments: str) -> list[dict[str, str]]:
    """Return the command's findings."""
    done = run(folder, environment, "--json", *arguments)
    assert "Traceback" not in done.stderr
    return list(json.loads(done.stdout))


def doctor(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[int, dict[str, tuple[str, str]], str]:
    """Return the command's exit code, its findings (state and text by subject), and all of its output."""
    done = run(folder, environment, "--json", *arguments)
    by_subject = {one["subject"]: (one["state"], one["text"]) for one in json.loads(done.stdout)}
    return done.returncode, by_subject, done.stdout + done.stderr
