"""Faults in short: the callers notice nothing, no event is lost, and every lost span is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import happenings, scenarios

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]


def test_faults_of_the_telemetry_are_not_the_applications(tmp_path: Path) -> None:
    """No request fails for any of nine faults in a row, every event is counted when they are over, and lost spans are.

    `make faults` lets each of them, and those that need another Collector, happen alone and for longer.
    """
    found = scenarios.run(happenings.BLOCKED, happenings.IN_A_ROW, tmp_path, seconds=18)
    assert not found.faults(), found.row()


def test_sigterm_while_an_export_hangs(tmp_path: Path) -> None:
    """A kept ledger has everything at the next start."""
    ended = scenarios.terminated_while_it_sends(tmp_path, workers=2)
    assert ended.counted == ended.events, ended.line()
