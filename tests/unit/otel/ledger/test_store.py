"""The ledger's file: sums over processes, whoever ends."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.metrics.export import HistogramDataPoint, NumberDataPoint

from pazpaz_otel.otel.ledger.batch import Batch
from pazpaz_otel.otel.ledger.points import Described, MetricKey
from pazpaz_otel.otel.ledger.processes import Process
from pazpaz_otel.otel.ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCOPE = json.dumps(["scope", "", ""])
VISITS = Described(MetricKey("visits", "counter", ""), "", SCOPE, limit=3)
SESSIONS = Described(MetricKey("sessions", "up_down", ""), "", SCOPE)
ROWS = Described(MetricKey("rows", "gauge", ""), "", SCOPE)
FEES = Described(MetricKey("fees", "histogram", ""), "", SCOPE)
DEAD = str(Process("elsewhere", 1, 1))


def number(value: float) -> NumberDataPoint:
    return NumberDataPoint({}, 0, 0, value)


def batch(*, complete: bool = False, **series: dict[str, Any]) -> Batch:
    made = Batch()
    made.complete = complete
    for name, points in series.items():
        described = {"visits": VISITS, "sessions": SESSIONS, "rows": ROWS, "fees": FEES}[name]
        (made.totals if name in {"visits", "fees"} else made.parts)[described] = points
    return made


def values(store: Store, horizon: int = sys.maxsize) -> dict[str, list[Any]]:
    found = store.snapshot(horizon)[1]
    return {described.key.name: [getattr(p, "value", None) for p in points] for described, points in found}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new ledger."""
    made = Store(tmp_path / "x.ledger", keep=True)
    yield made
    made.close()


def test_the_ledger_is_no_connection_of_the_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An instrumentation of `sqlite3` wraps the function that connects, and makes spans of every statement."""
    for module in (sqlite3, sqlite3.dbapi2):
        monkeypatch.setattr(module, "connect", None)
    made = Store(tmp_path / "x.ledger", keep=True)
    made.merge(batch(visits={"{}": number(1)}))
    assert values(made) == {"visits": [1]}
    made.close()


def test_processes_add_to_one_sum(store: Store, tmp_path: Path):
    """Two processes' counts are one series; a whole number stays one, however great."""
    other = Store(tmp_path / "x.ledger", keep=True)
    store.merge(batch(visits={"{}": number(2**62)}))
    other.merge(batch(visits={"{}": number(2**62 + 1)}))
    assert values(store) == {"visits": [2**63 + 1]}


def test_histograms_add_up(store: Store):
    """Counts, sum and extremes are those of all; other boundaries lose no count."""
    for bounds, counts in (([1.0, 2.0], [1, 2, 3]), ([1.5], [4, 5])):
        point = HistogramDataPoint({}, 0, 0, sum(counts), 10.0, counts, bounds, 0.5, 9.0)
        store.merge(batch(fees={"{}": point}))
    [(_, [found])] = store.snapshot()[1]
    assert (found.count, found.sum, found.min, found.max, sum(found.bucket_counts)) == (15, 20.0, 0.5, 9.0, 15)
    assert found.explicit_bounds == [1.0, 2.0]


def test_a_new_series_is_zero_first(store: Store):
    """A series born after the horizon is shown as zero, an older one as it is."""
    before = time.time_ns() - 1
    store.merge(batch(visits={"{}": number(3)}))
    assert values(store, before) == {"visits": [0]}
    assert values(store, time.time_ns()) == {"visits": [3]}


def test_the_clock_set_back_hides_nothing(store: Store, monkeypatch: pytest.MonkeyPatch):
    """A series that was born in the future is shown, times still grow, and the turn to send still comes."""
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3600 * 10**9)
    store.merge(batch(visits={"{}": number(3)}))
    [(_, [later])] = store.snapshot(now - 60 * 10**9)[1]
    assert store.claim(5, 10)
    store.release()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    [(_, [earlier])] = store.snapshot(now - 60 * 10**9)[1]
    assert earlier.value == 3
    assert earlier.time_unix_nano > later.time_unix_nano
    assert store.claim(5, 10)


def test_the_limit_holds_over_all_processes(store: Store):
    """Series beyond the limit go to the overflow series; no count is lost."""
    for n in range(5):
        store.merge(batch(visits={json.dumps({"n": n}): number(1)}))
    found = store.snapshot()[1][0][1]
    assert sum(point.value for point in found) == 5
    assert [point.value for point in found if point.attributes == {"otel.metric.overflow": True}] == [2]


def _of_another(store: Store, parts: Batch) -> None:
    mine, store.process = store.process, DEAD
    store._beat = 0
    store.merge(parts)
    store.process = mine
    with sqlite3.connect(store._file) as db:
        db.execute("UPDATE processes SET seen = 0 WHERE process = ?", (DEAD,))
        db.execute("UPDATE parts SET time = 0 WHERE process = ?", (DEAD,))


def test_an_ended_process_leaves_no_level_behind(store: Store):
    """Up-down counters and gauges are those of processes that run."""
    _of_another(store, batch(sessions={"{}": number(7)}, rows={"{}": number(9)}))
    store.merge(batch(sessions={"{}": number(2)}, rows={"{}": number(5)}))
    assert values(store) == {"sessions": [2], "rows": [5]}


def test_a_level_that_is_no_longer_observed_is_gone(store: Store):
    """A complete batch replaces everything that this process had told."""
    store.merge(batch(complete=True, rows={"{}": number(5)}))
    store.merge(batch(complete=True))
    assert values(store) == {}


def test_one_process_at_a_time_sends(store: Store, tmp_path: Path):
    """A turn is one's for the lease, and comes again after the interval; a killed process's is free at once."""
    other = Store(tmp_path / "x.ledger", keep=True)
    other.process = DEAD
    assert store.claim(0.0, 60)
    assert not other.claim(0.0, 60)
    store.release()
    assert other.claim(0.0, 60)
    assert store.claim(0.0, 60)


def test_sums_that_take_long_are_sent_seldom(store: Store, monkeypatch: pytest.MonkeyPatch):
    """After a turn that took long nobody has one for the pause, whatever the interval is."""
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    assert store.claim(5, 60)
    store.release(50)
    for seconds, due in ((49, False), (50, True)):
        monkeypatch.setattr(time, "time_ns", lambda at=now + seconds * 10**9: at)
        assert store.claim(5, 60) == due


def test_a_duty_is_one_processs(store: Store, tmp_path: Path):
    """A named lease is held by one living process; the one of an ended process is free."""
    with sqlite3.connect(store._file) as db:
        held = json.dumps([DEAD, time.time_ns() + 10**12])
        db.execute("INSERT INTO meta VALUES ('lease:ask', ?)", (held,))
    assert store.lease("ask", 60)
    assert store.lease("ask", 60)
    other = Store(tmp_path / "x.ledger", keep=True)
    other.process = str(Process("elsewhere", 2, 2))
    assert not other.lease("ask", 60)


def test_a_ledger_whose_processes_all_ended_begins_anew(tmp_path: Path):
    """Where nobody chose a directory, counts and identity end with the last process; in a chosen one they stay."""
    store = Store(tmp_path / "x.ledger", keep=True)
    store.merge(batch(visits={"{}": number(3)}))
    identity = store.snapshot()[0]
    store.leave()
    store.close()
    kept = Store(tmp_path / "x.ledger", keep=True)
    assert (kept.snapshot()[0], values(kept)) == (identity, {"visits": [3]})
    kept.leave()
    kept.close()
    anew = Store(tmp_path / "x.ledger", keep=False)
    assert values(anew) == {}
    assert anew.snapshot()[0] != identity


def _killed_while_it_merges(file: Path, done: Any) -> None:
    store = Store(file, keep=True)
    while True:
        store.merge(batch(visits={"{}": number(1)}))
        with done.get_lock():
            done.value += 1


@pytest.mark.slow
def test_a_killed_process_loses_no_merge_that_was_acknowledged(store: Store):
    """Killed at any moment, a process leaves every merge that returned, once, and at most the one under way besides."""
    context = multiprocessing.get_context("spawn")
    acknowledged = 0
    for _ in range(3):
        done = context.Value("q", 0)
        process = context.Process(target=_killed_while_it_merges, args=(store._file, done))
        process.start()
        while done.value < 50:
            os.sched_yield()
        process.kill()
        process.join(10)
        acknowledged += done.value
    [total] = values(store)["visits"]
    assert acknowledged <= total <= acknowledged + 3
    with sqlite3.connect(store._file) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
