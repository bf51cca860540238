"""`pazpaz-otel browser render`: the policy as the TypeScript module that the browser's guard reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_render, policy_file, write

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    add_render(subparsers, "browser", "the browser's policy module", "src", "the policy")


def run(arguments: argparse.Namespace) -> int:
    """Write the file `policy.gen.ts`, or check it."""
    from pazpaz_otel.compile import typescript  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415

    policy = load_policy(policy_file(arguments))
    return write({"policy.gen.ts": typescript.render(policy, types="@pazpaz/otel-browser")}, arguments)
