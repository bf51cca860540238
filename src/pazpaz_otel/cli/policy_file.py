"""The policy file that a command uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    import argparse


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--policy``."""
    parser.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")


def policy_file(arguments: argparse.Namespace) -> str | None:
    """Return the policy file that the option or the environment names, or None for the package's."""
    return arguments.policy or Settings.from_env().policy
