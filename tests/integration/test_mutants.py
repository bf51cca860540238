"""Each guard taken away alone, and each start-up step made to raise: a canary that stays in otherwise comes out."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from pazpaz_otel import patches, startup
from pazpaz_otel.settings import inherited

pytestmark = [pytest.mark.slow, pytest.mark.long]

PROGRAM = Path(__file__).parent / "apps" / "mutants.py"
SETTINGS = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
GUARDS: Final = {
    "tracer_provider.init": ("processors", "span processor"),
    "logger_provider.init": ("processors", "log processor"),
    "measurements.collect": ("metrics", "reader"),
    "measurements.consume": ("metrics", "measurement"),
    "observations.callback": ("metrics", "observation"),
    "exporter.span": ("exporters", "span exporter"),
    "exporter.log": ("exporters", "log exporter"),
    "exporter.metric": ("exporters", "metric exporter"),
    "propagator.inject": ("propagation", "injected"),
    "propagator.extract": ("propagation", "extracted"),
    "sentry.make_transport": ("Sentry", "Sentry"),
    "sentry.capture_event": ("Sentry", "Sentry's later transport"),
    "logging.handler.handle": ("output", "handler"),
    "logging.handler.own_handle": ("output", "overriding handler"),
    "logging.handler.format": ("output", "formatting handler"),
    "logging.handler.handleError": ("output", "failing handler"),
    "loguru.emit": ("output", "sink"),
    "loguru.failure": ("output", "failing sink"),
    "structlog.output": ("output", "structlog"),
    "structlog.formatter": ("output", "structlog's formatter"),
}
"""Every row of the table that keeps something in: what to use, and where the canary comes out without it."""
ALL: Final = sorted({use for use, _ in GUARDS.values()} | {"wrong arguments"})

UNFORGIVING: Final = "logging_handler.contrib.emit"
"""The row that keeps a log call with wrong arguments from breaking the application."""


def _steps() -> list[str]:
    """Return what `startup` calls from the SDK's configuration to the opening of the guards, as its source has it."""
    called = set()
    for function in (startup.configure_sdk, startup.sdk_arguments, startup.finish):
        for node in ast.walk(ast.parse(inspect.getsource(function))):
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
                called.add(ast.unparse(node.func))
    # What says that nothing is exported needs no mutant: it raises nothing.
    return sorted(name for name in called - {"notices.print_once"} if _is_ours(name))


def _is_ours(name: str) -> bool:
    value: Any = startup
    for part in name.split("."):
        value = getattr(value, part, None)
    return str(getattr(value, "__module__", "")).startswith("pazpaz_otel")


@pytest.fixture(scope="module")
def mutants(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each mutant came to, the first without any; one program runs them all."""
    whole: dict[str, Any] = {"skip": None, "fail": None, "uses": ALL}
    without = [{**whole, "skip": name, "uses": [use]} for name, (use, _) in GUARDS.items()]
    unforgiving = {**whole, "skip": UNFORGIVING, "uses": ["wrong arguments"]}
    failing = [{**whole, "fail": step} for step in _steps()]
    listed = [whole, *without, unforgiving, *failing]
    # What the first import, the others have from the start.
    cold = [listed[0], listed[1], unforgiving, *failing[:2]]
    file = tmp_path_factory.mktemp("mutants") / "mutants.json"
    file.write_text(json.dumps([{**mutant, "cold": mutant in cold} for mutant in listed]))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(file)],
        env=inherited({**SETTINGS, "PAZPAZ_OTEL_GUARD_OUTPUT": "true"}),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert [one for one in found if "died" in one] == []
    assert len(found) == len(listed)
    return found


def test_every_guard_of_the_table_is_one_of_these() -> None:
    """A row that guards or judges something, or without which nothing may leave, has its mutant here."""
    guarding = {row.name for row in patches.PATCHES if row.why.startswith(("Guards", "Judges")) or row.required}
    # The policy's views choose buckets and attributes before the guard, which judges them again. The last resort is
    # behind another guard here; `test_as_bare` has its mutant.
    assert guarding - {"meter_provider.init", "logging.last_resort"} <= GUARDS.keys()


def test_a_guard_that_is_taken_away_is_missed(mutants: list[dict[str, Any]]) -> None:
    """Without any one guard, a canary leaves where it stood; with all of them, none leaves and nothing breaks."""
    [whole] = [one for one in mutants if not one["skip"] and not one["fail"]]
    assert (whole["left"], whole["broken"], whole["closed"]) == ([], [], False)
    missed = {one["skip"] for one in mutants if one["skip"] in GUARDS and GUARDS[one["skip"]][1] in one["left"]}
    assert missed == GUARDS.keys()


def test_a_handler_that_is_not_forgiving_is_missed(mutants: list[dict[str, Any]]) -> None:
    """Without the patch of OpenTelemetry's handlers, a log call with wrong arguments breaks the application."""
    pytest.importorskip("opentelemetry.instrumentation.logging")
    [found] = [one for one in mutants if one["skip"] == UNFORGIVING]
    assert found["broken"]


def test_a_step_that_raises_leaves_everything_closed(mutants: list[dict[str, Any]]) -> None:
    """Whichever step raises between the first guard and the opening: nothing leaves or breaks, and one line says so."""
    raised = [found for found in mutants if found["raised"]]
    # The rest are for settings that this program doesn't have.
    assert {"sdk_arguments", "finish", "registry.watch", "sentry.start", "describe_unsent"} <= {
        found["fail"] for found in raised
    }
    for found in raised:
        assert (found["left"], found["broken"]) == ([], []), found["fail"]
        assert found["closed"], found["fail"]
        assert found["lines"] == 1, found
