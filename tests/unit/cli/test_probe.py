"""What doctor finds unguarded in the process of the application."""

from __future__ import annotations

import pytest
import structlog

from pazpaz_otel.cli import probe
from pazpaz_otel.logging import guard_event

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
