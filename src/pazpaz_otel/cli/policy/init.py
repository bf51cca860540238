"""`pazpaz-otel policy init`: start a new policy file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import show
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    import argparse

START = """\
# What may leave this application's process, besides what the standard instrumentations emit.
# `pazpaz-otel policy check FILE` checks it; `pazpaz-otel policy explain KEY` shows what happens to a key's values.
version: 1
extends: default

# Attributes of spans, logs and metrics, each with the kind of its values. Never give a patient's identifier a kind.
attributes:
  # workspace.plan: {enum: [free, team, clinic]}
  # clinic.rooms: {number: [0, 500]}

# The application's own metrics. Their attributes are declared above.
metrics:
  # rooms.booked: {type: counter, unit: "{room}", description: Rooms booked., attributes: [workspace.plan], limit: 100}

# Hosts that the application calls, by their exact names.
hosts:
  # - api.example.com

# Texts that aren't in the source; the value of a {placeholder} doesn't leave.
messages:
  # - "Clinic is closed on {weekday}"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("file", nargs="?", type=Path, default=Path("policy.yaml"), help="default: policy.yaml")


def run(arguments: argparse.Namespace) -> int:
    """Write the file.

    Raises:
        PazPazOtelError: the file already exists.
    """
    if arguments.file.exists():
        raise PazPazOtelError(f"{arguments.file} already exists: choose another name, or remove it")
    arguments.file.write_text(START, encoding="utf-8")
    show(arguments, f"written: {arguments.file}; use it with PAZPAZ_OTEL_POLICY", {"written": str(arguments.file)})
    return 0
