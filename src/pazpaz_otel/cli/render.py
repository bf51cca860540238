"""`pazpaz-otel collector render`: the Collector's configuration, made from the policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_json, show
from pazpaz_otel.compile import collector
from pazpaz_otel.policy import load_policy
from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    what = "the Collector's configuration"
    parser = subparsers.add_parser("collector", help=f"make {what} from the policy")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    render = actions.add_parser("render", help=f"write {what}; with --check say whether it is up to date")
    render.add_argument("--output", type=Path, default=Path("collector"), metavar="DIR", help="default: collector/")
    render.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")
    render.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file is stale")
    add_json(render)


def run(arguments: argparse.Namespace) -> int:
    """Write the files, or compare them."""
    texts = collector.render(load_policy(arguments.policy or Settings.from_env().policy))
    return write(texts, arguments)


def write(texts: Mapping[str, str], arguments: argparse.Namespace) -> int:
    """Write each text where it isn't there already, or with `--check` say which isn't.

    Args:
        texts: by the file's name below `--output`.
        arguments: `output`, `check` and `json`.

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
