"""`pazpaz-otel collector render`: the Collector's configuration, made from the policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.artefacts import add_check, write

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    what = "the Collector's configuration"
    parser = subparsers.add_parser("collector", help=f"make {what} from the policy")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    render = actions.add_parser("render", help=f"write {what}; with --check say whether it is up to date")
    render.add_argument("--output", type=Path, default=Path("collector"), metavar="DIR", help="default: collector/")
    render.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")
    add_check(render)


def run(arguments: argparse.Namespace) -> int:
    """Write the files, or compare them."""
    from pazpaz_otel.compile import collector  # noqa: PLC0415 - when it is called
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415
    from pazpaz_otel.settings import Settings  # noqa: PLC0415

    return write(collector.render(load_policy(arguments.policy or Settings.from_env().policy)), arguments)
