"""`pazpaz-otel policy learn FILE`: propose policy entries from what a process dropped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_policy, policy_file, show
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("file", type=Path, help="the file that PAZPAZ_OTEL_EXPLAIN=FILE wrote")
    add_policy(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the proposal.

    Raises:
        PazPazOtelError: the file can't be read.
    """
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy.proposal import propose  # noqa: PLC0415

    try:
        lines = arguments.file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise PazPazOtelError(f"{arguments.file}: can't be read ({type(error).__name__})") from None
    proposal = propose(lines, load_policy(policy_file(arguments)))
    show(arguments, proposal.text, proposal.as_dict())
    return 0
