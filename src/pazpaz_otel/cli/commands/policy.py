"""`pazpaz-otel policy`: check, explain, start, learn and compare policies."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pazpaz_otel.cli.output import add_json

if TYPE_CHECKING:
    import argparse

_ACTIONS = {
    "check": "check a policy file; report every fault with its line and a hint",
    "explain": "show what happens to the values of a key, or of every key that a file declares",
    "init": "start a new policy file",
    "learn": "propose entries from the file in which PAZPAZ_OTEL_EXPLAIN recorded what was dropped",
    "diff": "show what a change of policy lets out; exit with 1 if it lets out more",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("policy", help="check, explain, start, learn and compare policies")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, about in _ACTIONS.items():
        inner = actions.add_parser(action, help=about, description=about)
        _module(action).add_arguments(inner)
        add_json(inner)


def run(arguments: argparse.Namespace) -> int:
    """Run the action."""
    return int(_module(arguments.action).run(arguments))


def _module(action: str) -> Any:
    return importlib.import_module(f"pazpaz_otel.cli.policy.{action}")
