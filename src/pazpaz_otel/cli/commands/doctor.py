"""`pazpaz-otel doctor`: check that telemetry is guarded, complete, and arrives."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.cli.output import add_json, show
from pazpaz_otel.diagnosis import Finding
from pazpaz_otel.settings import Settings, inherited, wants_colour

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_MARKS: Final = {"ok": "ok", "note": "note", "fault": "FAULT"}
_COLOURS: Final = {"ok": "32", "note": "33", "fault": "31"}
_PROBE_SECONDS: Final = 120
_WIDTH: Final = 100


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("doctor", help="check that telemetry is guarded, complete, and arrives")
    parser.add_argument(
        "--app", metavar="MODULE:ATTRIBUTE", help="import this application and check its log handlers and providers"
    )
    parser.add_argument("--tempo", metavar="URL", help="read the synthetic trace back from this Tempo")
    parser.add_argument(
        "--collector", metavar="DIR", help="compare the policy with the one in this Collector configuration"
    )
    parser.add_argument("--no-send", action="store_true", help="send nothing")
    parser.add_argument("--send-test-error", action="store_true", help="send one error to Sentry")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run all checks; return 1 if there is a fault."""
    from pazpaz_otel.cli import arrival, examined, ways  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.diagnosis.variables import judge  # noqa: PLC0415

    findings = [*judge(inherited()), *ways.dearer(inherited()), *examined.distributions()]
    found = _probe(arguments.app)
    findings += [found] if isinstance(found, Finding) else examined.process(found)
    findings += examined.policy()
    findings += examined.digests(arguments.collector) if arguments.collector else []
    if not arguments.no_send:
        findings += arrival.arrival(arguments.tempo)
    if arguments.send_test_error:
        findings.append(_sentry())
    show(arguments, render(findings, colour=wants_colour(sys.stdout)), [asdict(finding) for finding in findings])
    return 1 if any(finding.state == "fault" for finding in findings) else 0


def render(findings: Sequence[Finding], *, colour: bool) -> str:
    """Return the findings as text: the verdict, then the faults, the notes, and what is all right."""
    faults = sum(finding.state == "fault" for finding in findings)
    notes = sum(finding.state == "note" for finding in findings)
    verdict = f"{faults} fault{'s' if faults != 1 else ''}" if faults else "no fault"
    verdict += f", {notes} note{'s' if notes != 1 else ''}" if notes else ""
    lines = [_paint(verdict, "31" if faults else "32", colour), ""]
    widest = max((len(finding.subject) for finding in findings), default=0)
    for state in ("fault", "note", "ok"):
        for finding in (one for one in findings if one.state == state):
            lines += _lines(finding, min(widest, 44), colour=colour)
    return "\n".join(lines)


def _lines(finding: Finding, widest: int, *, colour: bool) -> list[str]:
    mark = _paint(f"{_MARKS[finding.state]:<6}", _COLOURS[finding.state], colour)
    told = textwrap.wrap(finding.text, max(_WIDTH - widest - 8, 40)) or [""]
    lines = [f"{mark}{finding.subject:<{widest}}  {told[0]}"]
    lines += [f"{' ' * (widest + 8)}{line}" for line in told[1:]]
    if finding.hint:
        wrapped = textwrap.wrap(finding.hint, max(_WIDTH - widest - 10, 40))
        lines += [f"{' ' * (widest + 8)}{'→ ' if number == 0 else '  '}{line}" for number, line in enumerate(wrapped)]
    return lines


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _probe(app: str | None) -> dict[str, Any] | Finding:
    """Start a process as the application would be started, and let it examine itself."""
    from pazpaz_otel.audit.run import instrumented  # noqa: PLC0415 - OTLP's messages, which no other command needs

    with tempfile.TemporaryDirectory(prefix="pazpaz-otel-doctor-") as folder:
        record = Path(folder) / "found.json"
        command = [*instrumented(), "-m", "pazpaz_otel.cli.probe", "--record", str(record)]
        command += ["--app", app] if app else []
        # These exporters send nothing: the probe examines the process, not the delivery.
        quiet = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                command, env=inherited(quiet), capture_output=True, timeout=_PROBE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return Finding("fault", "process", f"it didn't start within {_PROBE_SECONDS} s")
        if not record.exists():
            last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            return Finding("fault", "process", f"it ended with {done.returncode}: {last}")
        found: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    return found


def _sentry() -> Finding:
    from pazpaz_otel import runtime  # noqa: PLC0415 - Sentry's SDK takes half a second to import
    from pazpaz_otel.sentry import client  # noqa: PLC0415
    from pazpaz_otel.tools.sentry_project.stored import read_back  # noqa: PLC0415

    settings = Settings.from_env()
    if not settings.sentry_dsn:
        return Finding("fault", "Sentry", "SENTRY_DSN isn't set", "set it to the project's DSN")
    client.start(settings, runtime.guard())
    event = client.send_test_error()
    if event is None:
        return Finding("fault", "Sentry", "accepted no event", "does the DSN's project exist, and is it reachable?")
    # Without a token the event can't be read back, and Sentry's 200 has to do.
    said = {None: "took", True: "has stored", False: "took, but hasn't stored,"}[
        stored := read_back(event, inherited())
    ]
    return Finding("fault" if stored is False else "ok", "Sentry", f"{said} the event {event}")
