"""The command line `pazpaz-otel`.

Exit codes: 0 all is well, 1 the command found what it looks for (a leak, a stale file, a fault), 2 it couldn't do its
work.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pazpaz_otel._version import __version__
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CANNOT = 2
"""The exit code of a command that couldn't do its work."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Args:
        argv: the arguments; the process's own if None.

    Returns:
        The exit code: 0, 1 or 2.
    """
    argv = sys.argv[1:] if argv is None else argv
    parser, commands = _parser(argv[0] if argv else "")
    arguments = parser.parse_args(argv)
    try:
        return int(commands[arguments.command].run(arguments))
    except BrokenPipeError:
        return CANNOT
    except (PazPazOtelError, OSError) as error:
        sys.stderr.write(f"pazpaz-otel: {error}\n")
        return CANNOT


def names() -> list[str]:
    """Return the commands there are: the modules of `commands`."""
    folder = Path(__file__).with_name("commands")
    return sorted(module.name for module in pkgutil.iter_modules([str(folder)]))


def _parser(wanted: str) -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    """Return the parser, with every command or only the wanted one where it is known, and the commands by name."""
    parser = argparse.ArgumentParser(prog="pazpaz-otel", description="Ask the distribution what it does, and prove it.")
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands: dict[str, Any] = {}
    for name, module in _modules(wanted):
        module.add_parser(subparsers)
        commands[name] = module
    return parser, commands


def _modules(wanted: str) -> Iterator[tuple[str, Any]]:
    known = names()
    for name in [wanted] if wanted in known else known:
        yield name, importlib.import_module(f"{__name__}.commands.{name}")
