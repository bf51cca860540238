"""`pazpaz-otel uptime`: uptime monitors, as files for Prometheus and at UptimeRobot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_json, show, update
from pazpaz_otel.errors import SettingsError

if TYPE_CHECKING:
    import argparse

    from pazpaz_otel.tools.uptime.monitors import Uptime
    from pazpaz_otel.tools.uptime.robot import Change

_MONITORS = Path("monitoring/uptime/monitors.yaml")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("uptime", help="uptime monitors, as files for Prometheus and at UptimeRobot")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    render = verbs.add_parser("render", help="write blackbox-exporter's modules and Prometheus' job")
    render.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is out of date")
    apply = verbs.add_parser("apply", help="make the monitors at UptimeRobot; others are left alone")
    apply.add_argument("--dry-run", action="store_true", help="change nothing; exit with 1 if anything would change")
    apply.add_argument("--key-file", type=Path, default=Path("secrets/uptimerobot_key"), help="has the API key")
    apply.add_argument("--api", help="the API's URL; UptimeRobot's if not given")
    for verb in (render, apply):
        verb.add_argument("--monitors", type=Path, default=_MONITORS, help="default: %(default)s")
        add_json(verb)


def run(arguments: argparse.Namespace) -> int:
    """Run the action.

    Raises:
        SettingsError: a file can't be read or used, or UptimeRobot rejects a request.
    """
    from pazpaz_otel.tools.uptime.monitors import load_monitors  # noqa: PLC0415 - imported on demand

    uptime = load_monitors(arguments.monitors)
    return _render(arguments, uptime) if arguments.verb == "render" else _apply(arguments, uptime)


def _render(arguments: argparse.Namespace, uptime: Uptime) -> int:
    from pazpaz_otel.tools.uptime.files import render_files  # noqa: PLC0415

    root = arguments.monitors.parent.parent
    stale = update({root / name: text for name, text in render_files(uptime).items()}, check=arguments.check)
    word = "stale" if arguments.check else "wrote"
    text = "\n".join(f"{word} {path}" for path in stale) or "all files are up to date"
    show(arguments, text, {word: stale})
    return int(arguments.check and bool(stale))


def _apply(arguments: argparse.Namespace, uptime: Uptime) -> int:
    from pazpaz_otel.tools.reading import expecting  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.tools.uptime.robot import API, Client, changes, watched  # noqa: PLC0415

    client = Client(_key(arguments.key_file), arguments.api or API)
    with expecting("UptimeRobot's monitors and contacts"):
        needed = changes(uptime, list(client.monitors()), client.contacts())
    if not arguments.dry_run:
        for change in needed:
            client.send(change.method, change.path, change.body)
    text = "\n".join(line for change in needed for line in _lines(change)) or "UptimeRobot is up to date"
    for monitor in uptime.monitors:
        if monitor not in watched(uptime):
            text += f"\n- {monitor.title}: not on the free plan; the stack's own probes and alerts watch it"
    changed = [{"action": one.action, "title": one.title, "before": one.before, "after": one.body} for one in needed]
    show(arguments, text, {"applied": not arguments.dry_run, "changes": changed})
    return 1 if arguments.dry_run and needed else 0


def _key(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"{path}: can't be read ({type(error).__name__}); put UptimeRobot's API key there"
        ) from None
    if not key or not key.isascii() or any(letter.isspace() for letter in key):
        raise SettingsError(f"{path}: must contain only UptimeRobot's API key")
    if path.stat().st_mode & 0o007 and path.parent.stat().st_mode & 0o007:
        sys.stderr.write(f"pazpaz-otel: {path} can be read by every user of this machine\n")
    return key


def _lines(change: Change) -> list[str]:
    sign = {"create": "+", "change": "~", "notify": "~"}[change.action]
    lines = [f"{sign} {change.action} {change.title}"]
    for name, value in change.body.items():
        was = f"{change.before[name]} -> " if name in change.before else ""
        lines.append(f"    {name}: {was}{value}")
    return lines
