"""From an application's counters to a real VictoriaMetrics: agent, gateway, remote write, and the truth beside it."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import pytest

from scripts.kubernetes.long_term import in_metricsql
from tests.faults import truth
from tests.faults.application import CountingApplication
from tests.faults.load import Load
from tests.programs import wait_until
from tests.programs.tiers import one_of_each
from tests.stack.test_long_term import LongTermStore

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]

SECONDS = 8


def test_every_event_is_counted_in_the_long_term_store(tmp_path: Path) -> None:
    """What two workers count comes by remote write, each workspace's events to the last one, under their identity."""
    workspaces = [str(uuid.uuid4()) for _ in range(4)]
    with (
        LongTermStore(tmp_path / "store") as store,
        one_of_each(tmp_path, store.url) as (agent, _, _),
        CountingApplication(
            tmp_path / "application",
            "gunicorn",
            agent.guarded_http,
            workers=2,
            environment={"OTEL_TRACES_EXPORTER": "none"},
        ) as application,
    ):
        started = time.time()
        with Load(application.port, workspaces, rate=40):
            wait_until(lambda: time.time() > started + SECONDS, "the load", SECONDS + 5)
        events = dict(truth.read(application.truth, {}, 0).by_workspace)
        assert sum(events.values()) > SECONDS
        window = in_metricsql("sum by (workspace_id) (increase(appointments_created_total[10m] anchored))")

        def measured() -> bool:
            return store.query(window, time.time())[1] == events

        wait_until(measured, f"{events} in the store, not {store.query(window, time.time())[1]}", 60)
        identity = 'sum by (workspace_id) (appointments_created_total{job="counting", environment="production"})'
        assert store.query(identity, time.time())[1] == events
