"""From an application's counters to a real VictoriaMetrics: agent, gateway, remote write, and the truth beside it."""

from __future__ import annotations

import re
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from scripts.kubernetes.long_term import in_metricsql
from tests.faults import truth
from tests.faults.application import CountingApplication
from tests.faults.load import Load
from tests.programs import wait_until
from tests.programs.tiers import Gateway, one_of_each
from tests.stack.test_long_term import LongTermStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.long]

SECONDS = 8
_WINDOW = in_metricsql("sum by (workspace_id) (increase(appointments_created_total[10m] anchored))")


def test_every_event_is_counted_in_the_long_term_store(tmp_path: Path) -> None:
    """What two workers count comes by remote write, each workspace's events to the last one, under their identity.

    What is counted while the store is away waits with the agent, first events of a workspace too.
    """
    known, new = _workspaces(), _workspaces()
    with _counting(tmp_path) as (store, gateway, application):
        with Load(application.port, known, rate=40):
            _pass_seconds()
        events = _events(application)
        assert sum(events.values()) > SECONDS
        _expect(store, events)
        identity = 'sum by (workspace_id) (appointments_created_total{job="counting", environment="production"})'
        assert store.query(identity, time.time())[1] == events
        store.stop()
        with Load(application.port, [*known, *new], rate=40) as load:
            wait_until(lambda: _refused(gateway) > 0, "a refused request", 30)
            _pass_seconds()
        events = _events(application)
        assert events.keys() == {*known, *new}
        assert not load.outcome.failed
        # From here on, nobody but the agent has it.
        application.stop()
        store.start()
        _expect(store, events)


@contextmanager
def _counting(folder: Path) -> Iterator[tuple[LongTermStore, Gateway, CountingApplication]]:
    environment = {"OTEL_TRACES_EXPORTER": "none"}
    with (
        LongTermStore(folder / "store") as store,
        one_of_each(folder, store.url) as (agent, gateway, _),
        CountingApplication(
            folder / "application", "gunicorn", agent.guarded_http, workers=2, environment=environment
        ) as application,
    ):
        yield store, gateway, application


def _workspaces() -> list[str]:
    return [str(uuid.uuid4()) for _ in range(4)]


def _pass_seconds() -> None:
    started = time.time()
    wait_until(lambda: time.time() > started + SECONDS, "the load", SECONDS + 5)


def _events(application: CountingApplication) -> dict[str, int]:
    return dict(truth.read(application.truth, {}, 0).by_workspace)


def _refused(gateway: Gateway) -> float:
    """Return how many points the gateway couldn't hand on."""
    pattern = r"^otelcol_exporter_send_failed_metric_points\S* (\S+)$"
    return sum(float(found) for found in re.findall(pattern, gateway.own_metrics(), re.MULTILINE))


def _expect(store: LongTermStore, events: dict[str, int]) -> None:
    def measured() -> dict[str, float]:
        return store.query(_WINDOW, time.time())[1]

    wait_until(lambda: measured() == events, f"{events} in the store, not {measured()}", 90)
