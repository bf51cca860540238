"""`pazpaz-otel run -- COMMAND`: start an application and show each request in the terminal, without a server."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Final

from pazpaz_otel.cli import CANNOT

SETTINGS: Final = {
    "OTEL_TRACES_EXPORTER": "pazpaz_console",
    "OTEL_LOGS_EXPORTER": "pazpaz_console",
    "OTEL_METRICS_EXPORTER": "none",
    # Long enough for spans that end just after their request, short enough for a waiting user.
    "OTEL_BSP_SCHEDULE_DELAY": "300",
}
"""Variables that are set unless the environment already has them."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "run",
        help="start an application and show each request in the terminal; needs no server",
        usage="%(prog)s [-h] -- COMMAND [ARG ...]",
    )
    parser.add_argument(
        "start", nargs=argparse.REMAINDER, metavar="COMMAND", help="the command that starts the application"
    )


def run(arguments: argparse.Namespace) -> int:
    """Replace this process with the application's, under `opentelemetry-instrument`; return only if it can't start."""
    from pazpaz_otel.settings import inherited  # noqa: PLC0415 - imported on demand

    start = arguments.start[1:] if arguments.start[:1] == ["--"] else arguments.start
    if not start:
        sys.stderr.write("pazpaz-otel run: name the command that starts the application\n")
        return CANNOT
    scripts = Path(sysconfig.get_path("scripts"))
    instrument = scripts / "opentelemetry-instrument"
    # This environment's own program, activated or not, comes before one of the same name that lacks this package.
    program = shutil.which(start[0], path=str(scripts)) or shutil.which(start[0])
    if program is None:
        sys.stderr.write(f"pazpaz-otel run: there is no program `{start[0]}`; is it installed here?\n")
        return CANNOT
    environment = {**SETTINGS, **({"PAZPAZ_OTEL_EXPLAIN": "true"} if sys.stderr.isatty() else {}), **inherited()}
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER"):
        # This command always shows requests in the terminal, whatever else is exported.
        if name in inherited() and SETTINGS[name] != "none" and SETTINGS[name] not in environment[name]:
            environment[name] = f"{environment[name]},{SETTINGS[name]}"
    sys.stderr.write(
        f"pazpaz-opentelemetry: each request is shown here as it would leave this process, and is sent nowhere unless"
        f" OTEL_TRACES_EXPORTER says so{_but()}. Lines that the application itself prints appear between the requests,"
        " unchanged: they aren't telemetry\n"
    )
    sys.stderr.flush()
    try:
        os.execve(instrument, [str(instrument), program, *start[1:]], environment)  # noqa: S606 - the user's own command
    except OSError as error:
        sys.stderr.write(f"pazpaz-otel run: {instrument.name} can't be started: {error.strerror}\n")
        return CANNOT


def _but() -> str:
    """Return what of the requests can't be shown; the application's own first line has the command that installs it."""
    from pazpaz_otel.integrations.registry import missing  # noqa: PLC0415 - slow to import

    names = ", ".join(missing())
    return f". Not shown, because its instrumentation isn't installed: {names}" if names else ""
