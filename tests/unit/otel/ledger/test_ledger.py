"""One process's part in the ledger: who sends at the end, and what."""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import NumberDataPoint
from opentelemetry.sdk.resources import Resource

from pazpaz_otel import patches
from pazpaz_otel.otel import exit_deadline
from pazpaz_otel.otel.ledger import ledger as module
from pazpaz_otel.otel.ledger.batch import Batch
from pazpaz_otel.otel.ledger.ledger import Ledger
from pazpaz_otel.otel.ledger.points import Described, MetricKey
from pazpaz_otel.otel.ledger.store import Store
from pazpaz_otel.otel.measurements import guard_measurements
from pazpaz_otel.otel.text_writers import prove_at_the_source
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import text
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.metric import MetricGuard
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


VISITS = Described(MetricKey("visits", "counter", ""), "", json.dumps(["said.by.a.worker", "7.8.9", ""]))


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


class _Turns:
    """Timers whose calls are made by the test."""

    made: ClassVar[dict[str, Callable[[], None]]] = {}

    def __init__(self, name: str, _: float, call: Callable[[], None], *__: float) -> None:
        self.made[name] = call

    def hurry(self) -> None:
        pass


class Refused(Recorder):
    """A sender whose endpoint refuses."""

    def send(self, data: Any) -> bool:
        return not super().send(data)


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
    made = Ledger(store, sender, Resource.get_empty, lambda _: 10, interval=600, scrape_interval=600)  # type: ignore[arg-type]
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


def test_a_send_that_fails_is_no_reason_to_rest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much processor time a refused export costs, the sums are sent again after the interval."""
    seconds = itertools.count(0, 100)
    monkeypatch.setattr(time, "thread_time", lambda: float(next(seconds)))
    sender = Refused()
    ledger = Ledger(store, sender, Resource.get_empty, lambda _: 10, interval=0.02, scrape_interval=600)  # type: ignore[arg-type]
    ledger.reader._set_collect_callback(lambda *_, **__: None)
    ledger.start()
    wait_until(lambda: len(sender.values) > 2, "the sums again")
    ledger.reader.shutdown()


def _sent_in_three_turns(store: Store, monkeypatch: pytest.MonkeyPatch, clock: Iterator[float]) -> int:
    """Return how often the sums are sent in three turns whose processor time a clock tells."""
    monkeypatch.setattr(time, "thread_time", clock.__next__)
    monkeypatch.setattr(module, "Timer", _Turns)
    sender = Recorder()
    ledger = Ledger(store, sender, Resource.get_empty, lambda _: 10, interval=0.0, scrape_interval=600)  # type: ignore[arg-type]
    ledger.reader._set_collect_callback(lambda *_, **__: None)
    ledger.start()
    for _ in range(3):
        _Turns.made["PazpazOtelLedgerSend"]()
    return len(sender.values)


def test_a_send_that_takes_long_once_is_no_reason_to_rest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first connection or a garbage collection costs much, and the next turn nothing."""
    assert _sent_in_three_turns(store, monkeypatch, itertools.chain([0.0, 100.0], itertools.repeat(200.0))) == 3


def test_sums_that_take_long_every_time_are_sent_seldom(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sends show what the third costs, which waits."""
    assert _sent_in_three_turns(store, monkeypatch, itertools.count(0.0, 100.0)) == 2


def test_a_scope_of_the_ledger_is_not_searched_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that only supervises sends what its workers proved, and has none of their source."""
    with patches.restored():
        guard = Guard(load_policy())
        prove_at_the_source(guard)
        searched: list[str] = []
        monkeypatch.setattr(text, "prove_identifier", lambda name, *_: searched.append(name))
        sent = Ledger(store, None, Resource.get_empty, lambda _: 10, interval=5, scrape_interval=15).scrape()
    [scope] = sent.resource_metrics[0].scope_metrics
    assert (scope.scope.name, searched) == ("said.by.a.worker", [])


def test_a_series_that_was_born_while_nobody_scraped_is_zero_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long Prometheus was away: it sees the zero in several scrapes, then the count."""
    ledger = Ledger(store, None, Resource.get_empty, lambda _: 10, interval=5, scrape_interval=15)
    now = time.time_ns()
    seen = []
    for scrape in range(5):
        monkeypatch.setattr(time, "time_ns", lambda at=now + (3600 + 15 * scrape) * 10**9: at)
        [metric] = ledger.scrape().resource_metrics[0].scope_metrics[0].metrics
        seen.append(metric.data.data_points[0].value)
    assert seen == [0, 0, 0, 0, 3]


def test_what_is_measured_is_merged_soon(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed worker loses less than the last fifth of a second: a measurement doesn't wait for the interval."""
    monkeypatch.setattr(module, "_MERGE_INTERVAL", 600)
    ledger = Ledger(store, None, Resource.get_empty, lambda _: 10, interval=600, scrape_interval=0)
    provider = MeterProvider(metric_readers=[ledger.reader], shutdown_on_exit=False)
    with patches.restored():
        guard_measurements(MetricGuard(Guard(load_policy())))
        ledger.start()
        provider.get_meter("test").create_counter("appointments.created").add(1)
        other = Store(store._file, keep=True)
        wait_until(lambda: "appointments.created" in [one.key.name for one, _ in other.snapshot()[1]], "the count")
        other.close()
    provider.shutdown()
