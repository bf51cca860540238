"""The command line `pazpaz-otel`.

Exit codes: 0 for success, 1 if the command found what it looks for (a leak, a stale file, a fault), 2 if it couldn't
do its work.
"""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pazpaz_otel._version import __version__
from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.settings import mask

CANNOT = 2
"""The exit code of a command that couldn't do its work."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name.

    Args:
        argv: the arguments, or None for the process's own.

    Returns:
        The exit code: 0, 1 or 2.
    """
    argv = sys.argv[1:] if argv is None else argv
    _make_writable()
    parser, commands = _parser(argv[0] if argv else "")
    arguments = parser.parse_args(argv)
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Masking())
    try:
        return int(commands[arguments.command].run(arguments))
    except BrokenPipeError:
        return CANNOT
    except (PazPazOtelError, OSError) as error:
        sys.stderr.write(f"pazpaz-otel: {mask(str(error))}\n")
        return CANNOT


def _make_writable() -> None:
    """Let a command write what it says also to a closed stream, which is None, and to one that has only ASCII."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for the process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Masking(logging.Formatter):
    """What a library logs in a command may quote a setting that it can't use."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def names() -> list[str]:
    """Return the names of all commands, which are the modules of `commands`."""
    folder = Path(__file__).with_name("commands")
    return sorted(module.name for module in pkgutil.iter_modules([str(folder)]))


def _parser(wanted: str) -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    """Return the parser and its commands by name: only the wanted command if there is one of that name, else all."""
    parser = argparse.ArgumentParser(prog="pazpaz-otel", description="Check what the distribution does, and prove it.")
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
