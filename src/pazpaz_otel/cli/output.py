"""What commands share: a result is printed as text or JSON, a policy file is chosen, rendered files are written."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")


def show(arguments: argparse.Namespace, text: str, data: Any) -> None:
    """Print the text, or the data with ``--json``."""
    sys.stdout.write((json.dumps(data, ensure_ascii=False, indent=2, default=list) if arguments.json else text) + "\n")


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--policy``."""
    parser.add_argument("--policy", help="the policy file; PAZPAZ_OTEL_POLICY if not given")


def policy_file(arguments: argparse.Namespace) -> str | None:
    """Return the policy file that the option or the environment names, or None for the package's."""
    return arguments.policy or Settings.from_env().policy


def add_render(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], command: str, what: str, output: str, source: str
) -> None:
    """Add a command whose only action is `render`; if it renders from `the policy`, with the option for its file."""
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
