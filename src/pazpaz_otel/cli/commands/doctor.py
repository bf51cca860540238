"""`pazpaz-otel doctor`: check that telemetry is guarded, complete, and arrives."""

from __future__ import annotations

import importlib
import json
import logging
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.cli.findings import report
from pazpaz_otel.cli.output import add_json
from pazpaz_otel.diagnosis import Finding
from pazpaz_otel.settings import Settings, inherited

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

_PROBE_SECONDS: Final = 120
_ESSENTIAL: Final = ("guards", "process")
"""What is examined in a started process; with a fault in it, nothing is exported."""
_BESIDE_OTHER_VERSIONS: Final = ("variables", "process")
"""What is checked beside packages of other versions; what else fails follows from them."""


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
    # What the SDK says of a variable, the findings say with its cure.
    logging.getLogger("opentelemetry").addHandler(logging.NullHandler())
    findings = _checked("packages", _check("diagnosis.packages", "findings"))
    follows = bool(findings)
    for subject, check in _checks(arguments):
        if follows and subject not in _BESIDE_OTHER_VERSIONS:
            continue
        if subject == "export" and any(one.state == "fault" and one.subject in _ESSENTIAL for one in findings):
            text = "not checked: the process itself exports nothing until the fault above is mended"
            findings.append(Finding("note", subject, text))
        else:
            findings += _checked(subject, check)
    return report(arguments, findings)


def _checks(arguments: argparse.Namespace) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    yield "variables", _check("diagnosis.variables", "judge", inherited())
    yield "costs", _check("cli.doctor.pipelines", "dearer", inherited())
    yield "distributions", _check("cli.doctor.process", "distributions")
    yield "process", lambda: _examined(arguments.app)
    yield "policy", _check("cli.doctor.process", "policy")
    if arguments.collector:
        yield "Collector", _check("cli.doctor.process", "digests", arguments.collector)
    if not arguments.no_send:
        yield "export", _check("cli.doctor.delivery", "check", arguments.tempo)
        yield "SENTRY_DSN", _check("cli.doctor.delivery", "sentry")
    if arguments.send_test_error:
        yield "Sentry", lambda: [_sentry()]


def _check(module: str, name: str, *given: Any) -> Callable[[], Iterable[Finding]]:
    """Return a check whose module is imported when it runs: where it can't be, only this check fails."""
    return lambda: getattr(importlib.import_module(f"pazpaz_otel.{module}"), name)(*given)


def _examined(app: str | None) -> Iterable[Finding]:
    found = _probe(app)
    return [found] if isinstance(found, Finding) else _check("cli.doctor.process", "examined", found)()


def _checked(subject: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks still tell what they find
        from pazpaz_otel.fail_closed import describe  # noqa: PLC0415 - only needed here

        return [Finding("fault", subject, f"this check failed: {describe(error)}")]


def _probe(app: str | None) -> dict[str, Any] | Finding:
    """Start a process as the application would be started, and let it examine itself."""
    from pazpaz_otel.audit.run import instrumented  # noqa: PLC0415 - OTLP's messages, which no other command needs

    with tempfile.TemporaryDirectory(prefix="pazpaz-otel-doctor-") as folder:
        record = Path(folder) / "found.json"
        command = [*instrumented(), "-m", "pazpaz_otel.cli.doctor.probe", "--record", str(record)]
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
            from pazpaz_otel.cli.doctor.process import unstarted  # noqa: PLC0415 - only needed here

            return unstarted(app, done.returncode, done.stderr.decode("utf-8", "replace").strip().splitlines())
        found: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    return found


def _sentry() -> Finding:
    from pazpaz_otel import runtime  # noqa: PLC0415 - Sentry's SDK takes half a second to import
    from pazpaz_otel.sentry import client  # noqa: PLC0415
    from pazpaz_otel.tools.sentry_project.api import read_back  # noqa: PLC0415

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
