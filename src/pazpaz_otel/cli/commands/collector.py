"""`pazpaz-otel collector render`: the Collector's configuration, rendered from the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_render, policy_file, write

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    add_render(subparsers, "collector", "the Collector's configuration", "collector", "the policy")


def run(arguments: argparse.Namespace) -> int:
    """Write the files, or check them."""
    from pazpaz_otel.compile import collector  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415

    return write(collector.render(load_policy(policy_file(arguments))), arguments)
