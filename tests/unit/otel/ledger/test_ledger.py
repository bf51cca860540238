"""One process's part in the ledger: who sends at the end, and what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.metrics.export import NumberDataPoint
from opentelemetry.sdk.resources import Resource

from pazpaz_otel.otel import exit_deadline
from pazpaz_otel.otel.ledger.batch import Batch
from pazpaz_otel.otel.ledger.ledger import Ledger
from pazpaz_otel.otel.ledger.points import Described, MetricKey
from pazpaz_otel.otel.ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VISITS = Described(MetricKey("visits", "counter", ""), "", json.dumps(["scope", "", ""]))


class Recorder:
    """A sender that keeps what it is given."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def send(self, data: Any) -> bool:
        [metric] = data.resource_metrics[0].scope_metrics[0].metrics
        self.values.append(metric.data.data_points[0].value)
        return True

    def shutdown(self) -> None:
        pass


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A ledger with three visits."""
    store = Store(tmp_path / "x.ledger", keep=True)
    batch = Batch()
    batch.totals[VISITS] = {"{}": NumberDataPoint({}, 0, 0, 3)}
    store.merge(batch)
    yield store
    store.close()


def _ledger(store: Store, sender: Recorder) -> Ledger:
    made = Ledger(store, sender, Resource.get_empty, lambda _: 10, interval=600, hold=600)  # type: ignore[arg-type]
    made.reader._set_collect_callback(lambda *_, **__: None)
    made.start()
    return made


def _add_a_living_process(store: Store) -> None:
    with open("/proc/1/stat", encoding="ascii") as file:  # noqa: PTH123 - one line of a file of the kernel
        started = file.read().rpartition(")")[2].split()[19]
    space = store.process.rsplit("/", 2)[0]
    store._open().execute("INSERT INTO processes VALUES (?, 0)", (f"{space}/1/{started}",))


def _ending_ledger(store: Store, sender: Recorder, monkeypatch: pytest.MonkeyPatch, others: int) -> Ledger:
    """Return the ledger of a process that has begun to end, beside another or alone."""
    monkeypatch.setattr(exit_deadline, "_state", exit_deadline._State())
    ledger = _ledger(store, sender)
    exit_deadline.begin()
    if others:
        _add_a_living_process(store)
    return ledger


@pytest.mark.parametrize("others", [0, 1])
def test_the_last_process_sends_what_the_others_leave_to_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """A worker that ends while another lives sends nothing; the last one shows every series as it is, once."""
    sender = Recorder()
    ledger = _ending_ledger(store, sender, monkeypatch, others)
    ledger.reader.shutdown()
    assert sender.values == ([] if others else [3])


@pytest.mark.parametrize("others", [0, 1])
def test_a_terminated_worker_waits_for_no_endpoint_while_another_lives(
    store: Store, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    """By SIGTERM it is the flush that ends it: its counts are merged, and sent by who is left."""
    sender = Recorder()
    ledger = _ending_ledger(store, sender, monkeypatch, others)
    assert ledger.reader.force_flush()
    assert sender.values == ([] if others else [3])
