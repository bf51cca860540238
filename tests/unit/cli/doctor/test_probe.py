"""What doctor finds unguarded in the process of the application."""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import loguru
import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel import patches
from pazpaz_otel.cli.doctor import probe
from pazpaz_otel.integrations import output
from pazpaz_otel.logging import guard_event
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard

if TYPE_CHECKING:
    from pathlib import Path

MERGE = structlog.contextvars.merge_contextvars
RENDER = structlog.processors.JSONRenderer()


@pytest.mark.parametrize(
    ("processors", "unguarded"),
    [
        ([RENDER], True),
        ([guard_event, RENDER], False),
        ([MERGE, guard_event, RENDER], False),
        ([guard_event, MERGE, RENDER], True),
    ],
)
def test_a_guard_before_what_merges_bound_values_guards_nothing_of_them(processors: list[object], unguarded: bool):
    """Output of structlog counts as guarded if the guard stands behind the processor that merges context variables."""
    structlog.configure(processors=processors)  # type: ignore[arg-type]
    try:
        assert ("structlog's own output" in probe.unguarded_handlers()) is unguarded
    finally:
        structlog.reset_defaults()


def test_output_without_a_guard_is_named():
    """Sinks of loguru and handlers are named; once output is guarded, only one that takes records past its guard is."""
    handler = logging.StreamHandler()
    name = "logging.StreamHandler of logger clinic.probe"
    logging.getLogger("clinic.probe").addHandler(handler)
    sink = loguru.logger.add(lambda _: None)
    try:
        assert {name, "loguru's own output"} <= set(probe.unguarded_handlers())
        with patches.restored():
            output.guard_output(Guard(load_policy()))
            assert probe.unguarded_handlers() == []
            handler.handle = print  # type: ignore[assignment, method-assign]
            assert probe.unguarded_handlers() == [name]
    finally:
        loguru.logger.remove(sink)
        logging.getLogger("clinic.probe").removeHandler(handler)


class _Lazy:
    """What Django's settings are before anything configured them: its class can't be asked for."""

    @property
    def __class__(self) -> type:
        raise LookupError


def test_providers_of_a_frozen_heap_are_counted():
    """An application that freezes what it loaded, as servers do before they fork, hides no second provider."""
    before = probe._providers()["TracerProvider"]
    provider = TracerProvider()
    gc.freeze()
    assert probe._providers()["TracerProvider"] == before + 1
    del provider


def test_a_lazy_object_of_the_application_is_not_evaluated():
    """Looking for providers evaluates no object that proxies another one, which may read settings or a database."""
    lazy = _Lazy()
    assert set(probe._providers()) == {"TracerProvider", "MeterProvider", "LoggerProvider"}
    del lazy


_ENDING = """
import atexit, gc, runpy, sys
atexit.register(lambda: print(gc.get_freeze_count() > len(gc.get_objects())))
sys.argv = ["probe", "--record", sys.argv[1]]
runpy.run_module("pazpaz_otel.cli.doctor.probe", run_name="__main__")
"""


def test_the_probe_ends_without_collecting_what_it_imported(tmp_path: Path) -> None:
    """It imports every library; most of what it holds is out of the garbage collector's sight when it ends."""
    record = tmp_path / "found.json"
    command = [sys.executable, "-c", _ENDING, str(record)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "True\n"
    assert json.loads(record.read_text())["finished"] is False
