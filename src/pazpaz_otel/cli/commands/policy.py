"""`pazpaz-otel policy`: check a policy, explain it, start one, learn one, compare two."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pazpaz_otel.cli.output import add_json

if TYPE_CHECKING:
    import argparse

_ACTIONS = {
    "check": "whether a policy file can be used; says every fault with its line and hint if not",
    "explain": "what becomes of a key, or of every key that a file declares",
    "init": "start a policy file of one's own",
    "learn": "propose entries from what a process dropped, as PAZPAZ_OTEL_EXPLAIN wrote it down",
    "diff": "what a change of policy lets out; exits with 1 where it lets out more",
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
