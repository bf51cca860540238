"""`python -m examples.demo`: see `make demo`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.panel import Panel

from examples.demo import backend, show
from pazpaz_otel.audit.canaries import tokens_of
from pazpaz_otel.audit.report import Report
from pazpaz_otel.audit.run import examine, run_audit
from pazpaz_otel.audit.sinks import HttpSink

if TYPE_CHECKING:
    from examples.traffic.account import Account

_POLICY = str(backend.EXAMPLES / "practice_api" / "policy.yaml")
_SETTINGS = ("OTEL_", "PAZPAZ_OTEL_", "SENTRY_")


def main() -> int:
    """Run the demo; the exit code is 1 where something leaked."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--open-door", action="store_true", help="let one line past the guards, to see it found")
    parser.add_argument("--stack", action="store_true", help="through a real Collector and Prometheus")
    parser.add_argument("--seed", type=int, default=None, help="of the invented patients; random if not given")
    arguments = parser.parse_args()
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    for name in [name for name in os.environ if name.startswith(_SETTINGS)]:
        del os.environ[name]  # the demo shows the defaults, not what this shell happens to have set
    console = Console()
    with tempfile.TemporaryDirectory(prefix="pazpaz-demo-") as folder:
        if arguments.stack:
            from examples.demo.stack import run_stack  # noqa: PLC0415 - needs the programs of the tests

            return run_stack(console, Path(folder), seed)
        return _run(console, Path(folder), seed, open_door=arguments.open_door)


def _run(console: Console, folder: Path, seed: int, *, open_door: bool) -> int:
    started = time.monotonic()
    # The door is open in the backend; an audit of its own knows nothing of it.
    beside = "" if open_door else ", and the audit beside it"
    console.print(f"Starting the reference backend under opentelemetry-instrument{beside} …")
    with ThreadPoolExecutor(1) as pool, HttpSink() as sink:
        environment = {**os.environ, "PAZPAZ_OTEL_POLICY": _POLICY}
        audit = None if open_door else pool.submit(run_audit, environment, seed=seed, policy=_POLICY)
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "SENTRY_DSN": sink.dsn}
        run = backend.run(folder, settings, seed=seed, open_door=open_door)
        spans = show.spans_of(sink)
        console.print(f"Traffic: {sum(run.account.requests.values())} requests about invented patients.\n")
        for tree in show.trace_trees(spans):
            console.print(tree, "\n")
        console.print(show.metrics_table(run.exposed), "\n")
        console.print(show.log_table(run.output, run.lines, run.account.texts), "\n")
        outputs = {"standard output": run.output, "metrics endpoint": run.exposed.encode()}
        reports = [("traffic", examine(_planted(run.account), list(sink.received), outputs, seed))]
        if audit is not None:
            console.print("Waiting for the audit …")
            reports.append(("audit", audit.result()))
        return _conclude(console, reports, time.monotonic() - started)


def _planted(account: Account) -> dict[str, Any]:
    plants = [
        {
            "id": str(number),
            "surface": "traffic",
            "category": canary.category,
            "variant": "plain",
            "tokens": tokens_of(canary),
        }
        for number, canary in enumerate(account.planted)
    ]
    routes = {(method, route) for method, route, status in account.requests if route and status < 400}  # noqa: PLR2004
    useful = [("span.name", "", f"{method} {route}") for method, route in sorted(routes)]
    useful += [("metric.name", "", name) for name in ("appointments.created", "session_notes.saved")]
    return {"plants": plants, "failures": [], "useful": useful}


def _conclude(console: Console, reports: list[tuple[str, Report]], seconds: float) -> int:
    leaks = [leak for _, report in reports for leak in report.leaks]
    kept = sum(len(report.kept) for _, report in reports)
    missing = [fact for _, report in reports for fact in report.missing]
    lines = [
        f"surfaces checked        {sum(len(report.surfaces) for _, report in reports)}",
        f"strings planted         {sum(report.planted for _, report in reports)}",
        f"bytes searched          {sum(sum(report.received.values()) for _, report in reports):,}",
        f"leaks found             {len(leaks)}",
        f"useful attributes kept  {kept} of {kept + len(missing)}",
    ]
    lines += [f"LEAK: a {leak.category} in {leak.found}: {leak.token}" for leak in leaks]
    lines += ["missing: " + " ".join(part for part in fact if part) for fact in missing]
    style = "red" if leaks else "green"
    console.print(Panel("\n".join(lines), title="Audit", title_align="left", border_style=style))
    console.print(f"{seconds:.0f} s, seed {reports[0][1].seed}. Again with a leak to find: make demo ARGS=--open-door")
    return 1 if leaks else max(report.exit_code for _, report in reports)


if __name__ == "__main__":
    sys.exit(main())
