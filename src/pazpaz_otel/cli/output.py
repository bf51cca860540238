"""Print a command's result: text for people, or one JSON document for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    import argparse


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")


def show(arguments: argparse.Namespace, text: str, data: Any) -> None:
    """Print the text, or the data with ``--json``."""
    sys.stdout.write((json.dumps(data, ensure_ascii=False, indent=2, default=list) if arguments.json else text) + "\n")


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--policy``."""
    parser.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")


def policy_file(arguments: argparse.Namespace) -> str | None:
    """Return the policy file that the option or the environment names, or None for the package's."""
    return arguments.policy or Settings.from_env().policy
