"""`pazpaz-otel doctor`: whether telemetry is guarded, complete, and arrives."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pazpaz_otel.cli.output import add_json, show
from pazpaz_otel.settings import Settings, inherited

if TYPE_CHECKING:
    import argparse

_MARKS = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}
_PROBE_SECONDS = 120


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its state (``ok``, ``note``, ``fault``), what it is, what was found."""

    state: str
    subject: str
    text: str


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser("doctor", help="whether telemetry is guarded, complete, and arrives")
    parser.add_argument(
        "--app", metavar="MODULE:ATTRIBUTE", help="import this application and look at its log handlers"
    )
    parser.add_argument("--tempo", metavar="URL", help="read the synthetic trace back from this Tempo")
    parser.add_argument("--no-send", action="store_true", help="send nothing")
    parser.add_argument("--send-test-error", action="store_true", help="send one error to Sentry")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 where something is at fault."""
    findings = [*_elected(), *_process(arguments.app), *_identity()]
    if not arguments.no_send:
        findings += _delivery(arguments.tempo)
    if arguments.send_test_error:
        findings.append(_sentry())
    lines = [f"{_MARKS[one.state]}  {one.subject}: {one.text}" for one in findings]
    show(arguments, "\n".join(lines), [asdict(one) for one in findings])
    return 1 if any(one.state == "fault" for one in findings) else 0


def _elected() -> list[Finding]:
    findings = []
    for group, variable in (
        ("opentelemetry_distro", "OTEL_PYTHON_DISTRO"),
        ("opentelemetry_configurator", "OTEL_PYTHON_CONFIGURATOR"),
    ):
        names = sorted({found.name for found in entry_points(group=group)})
        chosen = inherited().get(variable)
        others = [name for name in names if name != "pazpaz_otel"]
        if chosen not in {None, "pazpaz_otel"}:
            findings.append(Finding("fault", variable, "another distribution is named; set it to pazpaz_otel"))
        elif "pazpaz_otel" not in names:
            findings.append(Finding("fault", group, "this package's entry point isn't installed"))
        elif others:
            text = f"also installed: {', '.join(others)}; ours is chosen, {variable}=pazpaz_otel makes it explicit"
            findings.append(Finding("note", group, text))
        else:
            findings.append(Finding("ok", group, "ours"))
    return findings


def _process(app: str | None) -> list[Finding]:
    from pazpaz_otel.audit.run import instrumented  # noqa: PLC0415 - OTLP's messages, which no other command needs

    with tempfile.TemporaryDirectory(prefix="pazpaz-otel-doctor-") as folder:
        record = Path(folder) / "found.json"
        command = [*instrumented(), "-m", "pazpaz_otel.cli.probe", "--record", str(record)]
        command += ["--app", app] if app else []
        # Exporters that send nothing: what is looked at is the process, not the way out.
        quiet = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                command, env=inherited(quiet), capture_output=True, timeout=_PROBE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return [Finding("fault", "process", f"it didn't start within {_PROBE_SECONDS} s")]
        if not record.exists():
            last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            return [Finding("fault", "process", f"it ended with {done.returncode}: {last}")]
        found = json.loads(record.read_text(encoding="utf-8"))
    return [*_guards(found), *_instrumentations(found["instrumentations"]), *_handlers(found["handlers"])]


def _guards(found: dict[str, Any]) -> list[Finding]:
    if found["refused"]:
        return [Finding("fault", "guards", f"nothing is exported: {found['refused']}")]
    if not found["finished"]:
        return [Finding("fault", "guards", "another distribution configured the SDK: nothing is exported")]
    bare = [signal for signal, guarded in found["guarded"].items() if not guarded]
    if bare and not Settings.from_env().sdk_disabled:
        return [Finding("fault", "guards", f"not in front of {', '.join(bare)}")]
    distro = found["resource"].get("telemetry.distro.version", "")
    return [Finding("ok", "guards", f"in front of traces, metrics and logs; pazpaz-opentelemetry {distro}".strip())]


def _instrumentations(states: dict[str, str]) -> list[Finding]:
    findings = []
    on = [name for name, state in states.items() if state == "on"]
    if on:
        findings.append(Finding("ok", "instrumentations", ", ".join(sorted(on))))
    for name, state in sorted(states.items()):
        if state.startswith("off"):
            findings.append(Finding("note", f"instrumentation {name}", state))
    return findings


def _handlers(unguarded: list[str]) -> list[Finding]:
    if not unguarded:
        return [Finding("ok", "log handlers", "none without a guard")]
    cure = "give it pazpaz_otel.logging.GuardedFormatter, structlog pazpaz_otel.logging.guard_event"
    return [Finding("fault", "log handler", f"{name} writes unguarded lines; {cure}") for name in unguarded]


def _identity() -> list[Finding]:
    pinned = Settings.from_env().resource_attribute("service.instance.id")
    if pinned:
        text = "pinned in OTEL_RESOURCE_ATTRIBUTES; with several workers each gets its own instead"
        return [Finding("note", "service.instance.id", text)]
    return [Finding("ok", "service.instance.id", "made anew by every worker")]


def _delivery(tempo: str | None) -> list[Finding]:
    from pazpaz_otel.cli.delivery import deliver, read_back  # noqa: PLC0415 - the exporters take a second to import

    protocol = inherited().get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    said, trace_id = deliver(protocol)
    findings = [
        Finding("ok" if words == "delivered" else "fault", f"export of {signal}", words)
        for signal, words in said.items()
    ]
    if tempo and said["traces"] == "delivered":
        arrived = read_back(tempo, trace_id)
        text = f"has the trace {trace_id}" if arrived else f"doesn't have the trace {trace_id}"
        findings.append(Finding("ok" if arrived else "fault", "Tempo", text))
    return findings


def _sentry() -> Finding:
    from pazpaz_otel import runtime  # noqa: PLC0415 - Sentry's SDK takes half a second to import
    from pazpaz_otel.sentry import client  # noqa: PLC0415
    from pazpaz_otel.tools.sentry_project.stored import read_back  # noqa: PLC0415

    settings = Settings.from_env()
    if not settings.sentry_dsn:
        return Finding("fault", "Sentry", "SENTRY_DSN isn't set")
    client.start(settings, runtime.guard())
    event = client.send_test_error()
    if event is None:
        return Finding("fault", "Sentry", "took no event")
    # Without a token it can't be read back: then Sentry's 200 has to do.
    said = {None: "took", True: "has stored", False: "took, but hasn't stored,"}[
        stored := read_back(event, inherited())
    ]
    return Finding("fault" if stored is False else "ok", "Sentry", f"{said} the event {event}")
