"""`pazpaz-otel sentry apply`: configure a Sentry project's alerts and privacy settings from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pazpaz_otel.cli.output import add_json, show
from pazpaz_otel.errors import SettingsError

if TYPE_CHECKING:
    import argparse

DIFFERENT = 1
"""The exit code of a dry run that found a difference."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("sentry", help="configure a Sentry project's alerts and privacy settings from files")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    apply = actions.add_parser("apply", help="make the project match the files; repeating it changes nothing")
    apply.add_argument("--folder", type=Path, default=Path("monitoring/sentry"), help="default: monitoring/sentry")
    apply.add_argument("--url", help="Sentry's address; SENTRY_URL, or https://sentry.io")
    apply.add_argument("--organization", help="the organization's slug; SENTRY_ORG if not given")
    apply.add_argument("--project", help="the project's slug; SENTRY_PROJECT if not given")
    apply.add_argument("--token-file", type=Path, help="a file with the token; SENTRY_AUTH_TOKEN if not given")
    apply.add_argument(
        "--dry-run", action="store_true", help="change nothing; show the differences; exit with 1 if any"
    )
    add_json(apply)


def run(arguments: argparse.Namespace) -> int:
    """Apply the files, or show what they would change."""
    from pazpaz_otel.settings import inherited  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.tools.sentry_project.api import SentryApi  # noqa: PLC0415
    from pazpaz_otel.tools.sentry_project.plan import Rules  # noqa: PLC0415

    environment = inherited()
    api = SentryApi(
        arguments.url or environment.get("SENTRY_URL") or "https://sentry.io",
        _needed(arguments.organization or environment.get("SENTRY_ORG"), "--organization or SENTRY_ORG"),
        _needed(arguments.project or environment.get("SENTRY_PROJECT"), "--project or SENTRY_PROJECT"),
        _token(arguments.token_file, environment.get("SENTRY_AUTH_TOKEN")),
    )
    changes = Rules(arguments.folder).apply(api, write=not arguments.dry_run)
    done = "differs" if arguments.dry_run else "changed"
    lines = [*map(str, changes), f"{len(changes)} {done}" if changes else "the project matches the files"]
    data = [{"what": one.what, "name": one.name, "new": one.new, "difference": one.lines} for one in changes]
    show(arguments, "\n".join(lines), {done: data})
    return DIFFERENT if arguments.dry_run and changes else 0


def _token(file: Path | None, fallback: str | None) -> str:
    if file is not None:
        try:
            return _needed(file.read_text(encoding="utf-8").strip(), "a token in the file of --token-file")
        except (OSError, UnicodeError) as error:
            raise SettingsError(f"--token-file can't be read ({type(error).__name__})") from None
    return _needed(fallback, "--token-file or SENTRY_AUTH_TOKEN")


def _needed(value: str | None, names: str) -> str:
    if not value:
        raise SettingsError(f"{names} is required")
    return value
