"""`pazpaz-otel collector render`: the Collector's configuration, rendered from the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.cli.artefacts import add_render, write

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    render = add_render(subparsers, "collector", "the Collector's configuration", "collector", "the policy")
    render.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")


def run(arguments: argparse.Namespace) -> int:
    """Write the files, or check them."""
    from pazpaz_otel.compile import collector  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415
    from pazpaz_otel.settings import Settings  # noqa: PLC0415

    return write(collector.render(load_policy(arguments.policy or Settings.from_env().policy)), arguments)
