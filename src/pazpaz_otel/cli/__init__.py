"""The command line `pazpaz-otel`: one module for each command.

A module of this package that has `add_parser(subparsers)` and `run(arguments) -> int` is a command. Exit codes:
0 all is well, 1 the command found what it looks for (a leak, a stale file, a fault), 2 it couldn't do its work.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

from pazpaz_otel._version import __version__
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    from collections.abc import Sequence

CANNOT = 2
"""The exit code of a command that couldn't do its work."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Args:
        argv: the arguments; the process's own if None.

    Returns:
        The exit code: 0, 1 or 2.
    """
    parser, commands = _parser()
    arguments = parser.parse_args(argv)
    try:
        return int(commands[arguments.command].run(arguments))
    except BrokenPipeError:
        return CANNOT
    except (PazPazOtelError, OSError) as error:
        sys.stderr.write(f"pazpaz-otel: {error}\n")
        return CANNOT


def _parser() -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    parser = argparse.ArgumentParser(prog="pazpaz-otel", description="Ask the distribution what it does, and prove it.")
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands: dict[str, Any] = {}
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        module = importlib.import_module(f"{__name__}.{found.name}")
        if hasattr(module, "add_parser"):
            before = set(subparsers.choices)
            module.add_parser(subparsers)
            commands.update(dict.fromkeys(set(subparsers.choices) - before, module))
    return parser, commands
