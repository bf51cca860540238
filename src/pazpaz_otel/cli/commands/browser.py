"""`pazpaz-otel browser render`: the policy as the TypeScript module that the browser's guard reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.cli.artefacts import add_render, write

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    render = add_render(subparsers, "browser", "the browser's policy module", "src", "the policy")
    render.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")


def run(arguments: argparse.Namespace) -> int:
    """Write the file `policy.gen.ts`, or check it."""
    from pazpaz_otel.compile import typescript  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415
    from pazpaz_otel.settings import Settings  # noqa: PLC0415

    policy = load_policy(arguments.policy or Settings.from_env().policy)
    return write({"policy.gen.ts": typescript.render(policy, types="@pazpaz/otel-browser")}, arguments)
