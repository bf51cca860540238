"""`pazpaz-otel monitoring render`: rules, alerts and dashboards, rendered from the stack's sources."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_render, write
from pazpaz_otel.errors import PazPazOtelError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    add_render(subparsers, "monitoring", "rules, alerts and dashboards", "monitoring", "the stack's sources")


def run(arguments: argparse.Namespace) -> int:
    """Write the files, or check them."""
    try:
        folder = arguments.output.resolve()
    except RuntimeError:  # before Python 3.13, links that lead back to themselves
        raise PazPazOtelError(f"{arguments.output} is a symbolic link to itself") from None
    return write(_texts(folder), arguments)


def _texts(folder: Path) -> Mapping[str, str]:
    # The sources belong to a project's own stack; the package has the command, but not the stack.
    if not (folder / "render.py").is_file():
        raise PazPazOtelError(f"{folder.name}/ has no render.py: run this beside the stack's `monitoring`")
    sys.path.insert(0, str(folder.parent))
    try:
        texts: Mapping[str, str] = importlib.import_module(f"{folder.name}.render").artefacts()
    except ModuleNotFoundError as error:
        raise PazPazOtelError(f"rendering needs the module `{error.name}`, see the dependency group `test`") from None
    finally:
        sys.path.remove(str(folder.parent))
    return texts
