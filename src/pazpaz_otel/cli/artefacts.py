"""Write rendered files that are out of date, or only report them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_json, add_policy, show

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_render(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], command: str, what: str, output: str, source: str
) -> None:
    """Add a command whose only action is `render`.

    Args:
        subparsers: the parent to add it to.
        command: the command's name.
        what: what it renders, for the help text.
        output: the default folder to write into.
        source: what it renders from, for the help text; `the policy` adds the option for its file.
    """
    parser = subparsers.add_parser(command, help=f"make {what} from {source}")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    render = actions.add_parser("render", help=f"write {what}; with --check only report whether it is up to date")
    render.add_argument("--output", type=Path, default=Path(output), metavar="DIR", help=f"default: {output}/")
    render.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is out of date")
    if source == "the policy":
        add_policy(render)
    add_json(render)


def write(texts: Mapping[str, str], arguments: argparse.Namespace) -> int:
    """Write each text whose file below `--output` differs, or with `--check` only list those; return the exit code."""
    stale = update({arguments.output / name: text for name, text in texts.items()}, check=arguments.check)
    verb = "stale" if arguments.check else "written"
    lines = [f"{verb}: {file}" for file in stale] or [f"{len(texts)} files up to date"]
    show(arguments, "\n".join(lines), {verb: stale, "files": len(texts)})
    return int(arguments.check and bool(stale))


def update(texts: Mapping[Path, str], *, check: bool) -> list[str]:
    """Write each file that differs from its text, or with `check` none, and return the paths of those that differed."""
    stale = [file for file, text in texts.items() if not file.is_file() or file.read_text(encoding="utf-8") != text]
    for file in () if check else stale:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(texts[file], encoding="utf-8")
    return [str(file) for file in stale]
