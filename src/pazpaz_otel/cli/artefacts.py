"""Write rendered files that are out of date, or only report them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_json, show

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_render(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], command: str, what: str, output: str, source: str
) -> argparse.ArgumentParser:
    """Add a command whose only action is `render`, and return that action's parser.

    Args:
        subparsers: the parent to add it to.
        command: the command's name.
        what: what it renders, for the help text.
        output: the default folder to write into.
        source: what it renders from, for the help text.
    """
    parser = subparsers.add_parser(command, help=f"make {what} from {source}")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    render = actions.add_parser("render", help=f"write {what}; with --check only report whether it is up to date")
    render.add_argument("--output", type=Path, default=Path(output), metavar="DIR", help=f"default: {output}/")
    render.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is out of date")
    add_json(render)
    return render


def write(texts: Mapping[str, str], arguments: argparse.Namespace) -> int:
    """Write each text whose file differs, or with `--check` only list those files.

    Args:
        texts: the contents, by the file's path below `--output`.
        arguments: the parsed options `output`, `check` and `json`.

    Returns:
        The exit code.
    """
    stale = [name for name, text in texts.items() if _read(arguments.output / name) != text]
    if not arguments.check:
        for name in stale:
            target = arguments.output / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(texts[name], encoding="utf-8")
    verb = "stale" if arguments.check else "written"
    lines = [f"{verb}: {arguments.output / name}" for name in stale] or [f"{len(texts)} files up to date"]
    show(arguments, "\n".join(lines), {verb: [str(arguments.output / name) for name in stale], "files": len(texts)})
    return 1 if arguments.check and stale else 0


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
