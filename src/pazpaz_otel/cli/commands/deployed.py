"""`pazpaz-otel deployed`: check that a deployment has arrived, as the last step of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pazpaz_otel.cli.findings import report
from pazpaz_otel.cli.output import add_json
from pazpaz_otel.errors import SettingsError

if TYPE_CHECKING:
    import argparse

    from pazpaz_otel.diagnosis import Finding


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("deployed", help="check a deployment: health, release, telemetry, alerts")
    parser.add_argument("site", metavar="SITE", help="the site's origin, such as https://pazpaz.app")
    parser.add_argument("--prometheus", metavar="URL", help="ask this Prometheus for the release's metrics and alerts")
    parser.add_argument("--release", metavar="VERSION", help="the version that was deployed; needs --prometheus")
    parser.add_argument("--service", metavar="NAME", help="the service's name; needs --prometheus")
    parser.add_argument(
        "--wait", metavar="SECONDS", type=float, default=180.0, help="how long to wait (default: %(default)g)"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Wait until the deployment has arrived; return 1 if it hasn't in time.

    Raises:
        SettingsError: an argument isn't an origin, or requires another argument.
    """
    from pazpaz_otel.tools.deployment import health, telemetry, wait_for  # noqa: PLC0415 - imported on demand

    for name in ("site", "prometheus"):
        _check_origin(name, getattr(arguments, name))
    if arguments.prometheus is None and (arguments.release or arguments.service):
        raise SettingsError("--release and --service need --prometheus: it knows which release sends metrics")

    def look() -> list[Finding]:
        found = [health(arguments.site)]
        if arguments.prometheus:
            found += telemetry(arguments.prometheus, arguments.release, arguments.service)
        return found

    return report(arguments, wait_for(look, arguments.wait))


def _check_origin(name: str, url: str | None) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    more = parts.username or parts.query or parts.fragment
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise SettingsError(f"{name}: must be an origin, such as https://pazpaz.app")
