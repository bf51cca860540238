"""`pazpaz-otel policy diff OLD NEW`: what a change of policy lets out, in words."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import show

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("old", help="a policy file; or `default` for the package's")
    parser.add_argument("new", help="a policy file; or `default` for the package's")


def run(arguments: argparse.Namespace) -> int:
    """Compare the policies; return 1 if the new one lets out more."""
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy.comparison import compare  # noqa: PLC0415

    old, new = (load_policy(None if name == "default" else name) for name in (arguments.old, arguments.new))
    changes = list(compare(old, new))
    more = sum(change.effect == "more" for change in changes)
    signs = {"more": "+", "less": "-", "same": "~"}
    lines = [f"{signs[change.effect]} {change.where}: {change.what}" for change in changes]
    verdict = f"lets out more in {more} of {len(changes)} changes" if more else "lets out nothing more"
    data = {"more": bool(more), "changes": [asdict(change) for change in changes]}
    show(arguments, "\n".join([*lines, verdict]), data)
    return 1 if more else 0
