"""Faults in short: the callers notice nothing, no event is lost, and every lost span is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import scenarios

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.mark.parametrize("name", scenarios.FAULTS)
def test_a_fault_of_the_telemetry_is_not_the_applications(tmp_path: Path, name: str) -> None:
    """No request fails for it, every event is counted when it is over, and a span that is lost is counted."""
    found = scenarios.run(name, tmp_path, seconds=6)
    assert not found.faults(), found.row()


def test_sigterm_while_an_export_hangs(tmp_path: Path) -> None:
    """The application ends in time, and a kept ledger has everything at the next start."""
    ended = scenarios.terminated_while_it_sends(tmp_path)
    assert not ended.faults(), ended.line()
