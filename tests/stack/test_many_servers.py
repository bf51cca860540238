"""Two API hosts, three agents and two gateways, with the configurations of `deploy/kubernetes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import servers
from tests.programs.tiers import Agent, Gateway

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def test_it_is_exact_while_a_gateway_is_killed(tmp_path: Path) -> None:
    """Every event is counted once; every trace is whole and went by one gateway, wherever its spans came from."""
    many = servers.run(tmp_path)
    assert not many.faults(), f"{many.faults()}\n{many.table()}"


def test_the_collector_takes_both_tiers(tmp_path: Path) -> None:
    """The Collector's own validation has nothing against what is rendered, and names a misspelt setting.

    An API server takes any setting below `spec.config`.
    """
    gateway = Gateway(
        tmp_path / "gateway", traces_to="127.0.0.1:1", metrics_to="http://127.0.0.1:1", sentry_to="http://127.0.0.1:1"
    )
    assert gateway.validate() == ""
    assert Agent(tmp_path / "agent", [gateway]).validate() == ""
    gateway.files[1].write_text(gateway.files[1].read_text().replace("decision_wait", "decision_wate"))
    assert "decision_wate" in gateway.validate()
