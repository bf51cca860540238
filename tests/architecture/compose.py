"""The stack as Docker Compose itself resolves it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.programs import compose_binary

ROOT = Path(__file__).parents[2]
FILE = "docker-compose.prod.yml"


@functools.cache
def resolved(profiles: str = "*", extras: str | None = None) -> dict[str, Any]:
    """What `docker compose config` makes of the file.

    Args:
        profiles: profiles to switch on; `*` for all.
        extras: another file, laid over it.
    """
    return dict(json.loads(config("--profile", profiles, *(["-f", extras] if extras else []), format_="json")))


def config(*options: str, format_: str = "yaml", **environment: str) -> str:
    """The output of `docker compose config`, which fails on anything that is wrong with the file."""
    profiles = [option for option in options if option.startswith("--profile") or option in {"*", "logs"}]
    files = [option for option in options if option not in profiles]
    done = subprocess.run(
        [str(compose_binary()), "-f", FILE, *files, *profiles, "config", "--format", format_],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "variable is not set" not in done.stderr, done.stderr
    return done.stdout


def services() -> dict[str, Any]:
    """Every service of every profile."""
    return dict(resolved()["services"])
