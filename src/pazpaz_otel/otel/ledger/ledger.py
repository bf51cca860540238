"""One process's part in the ledger: it merges several times a second, and sends the sums when it is its turn."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.notices import Told
from pazpaz_otel.otel import exit_deadline, measurements
from pazpaz_otel.otel.ledger import exit_reports
from pazpaz_otel.otel.ledger.batch import Intake
from pazpaz_otel.otel.ledger.births import Births
from pazpaz_otel.otel.ledger.content import metrics_data
from pazpaz_otel.otel.ledger.reader import LedgerReader
from pazpaz_otel.otel.ledger.store import LONGEST_PAUSE
from pazpaz_otel.otel.ledger.timers import Timer, rest
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.metrics.export import MetricsData
    from opentelemetry.sdk.resources import Resource

    from pazpaz_otel.otel.ledger.reader import Sender
    from pazpaz_otel.otel.ledger.store import Store

logger = logging.getLogger(__name__)

_MERGE_INTERVAL: Final = 0.2
"""Seconds between two merges unless something is counted; each takes half a millisecond."""
_SLOW_MERGE_INTERVAL: Final = 1.0
"""Seconds between merges that take long, such as those of ten thousand series."""
_TURN_INTERVAL: Final = 1.0
"""Seconds between two checks whether it is this process's turn to send."""
_LEASE: Final = 30.0
"""Seconds after which a sender that never returned is given up."""
_FORK_TIMEOUT: Final = 5.0
"""The maximum time in seconds that a fork waits for a merge."""


class Ledger:
    """Merge what this process counts into the store, and send the sums when due.

    Args:
        store: the file that the host's workers share.
        sender: exports the sums; `None` if they are only scraped.
        resource: returns this process's guarded resource.
        limit: returns the maximum number of series of a metric.
        interval: the seconds between two exports, and between two calls of an observable instrument's callback.
        scrape_interval: the seconds between two scrapes of the sums; 0 shows a new series at once.
        preferred_aggregation: the exporter's preference.
    """

    def __init__(  # noqa: PLR0913 - each is a decision of the operator's
        self,
        store: Store,
        sender: Sender | None,
        resource: Callable[[], Resource],
        limit: Callable[[str], int],
        *,
        interval: float,
        scrape_interval: float,
        preferred_aggregation: dict[type, Any] | None = None,
    ) -> None:
        self.reader = LedgerReader(self._take, self._flush, self._close, preferred_aggregation)
        self._store = store
        self._sender = sender
        self._resource = resource
        self._limit = limit
        self._interval = interval
        hold = 2 * scrape_interval + interval if scrape_interval else 0.0
        self._sent = Births(store, "exporters", interval, hold)
        self._scraped = Births(store, "scrapes", scrape_interval, hold)
        self._failing = False
        self._timers: list[Timer]
        self._sending: Timer | None
        self._begin()

    def start(self) -> None:
        """Start this process's timers."""
        merge = min(_MERGE_INTERVAL, self._interval)
        merging = Timer("PazpazOtelLedgerMerge", merge, self._merge_when_due, max(merge, _SLOW_MERGE_INTERVAL))
        measurements.after_each(merging.hurry)
        self._timers = [merging]
        if self._sender is not None:
            self._sending = Timer("PazpazOtelLedgerSend", min(_TURN_INTERVAL, self._interval / 2), self._send_when_due)
            self._timers.append(self._sending)
        exit_deadline.ask_others(self._ask)

    def begin_after(self, counted: MetricsData) -> None:
        """Leave out what this process has counted so far; call it before `start`.

        Args:
            counted: the totals of observable instruments, among others.
        """
        self._intake.leave_out(counted)

    def begin_with(self, counted: MetricsData, prepared: MetricsData | None) -> None:
        """Take along what this process has counted so far, and show it at once; call it before `start`.

        Args:
            counted: the totals.
            prepared: the totals of prepared series.
        """
        self._intake.take(counted, complete=True)
        if prepared is not None:
            self._intake.take(prepared, complete=False)
        self.merge(observe=False)
        with self._storing:
            self._scraped.show(time.time_ns())

    def merge(self, *, observe: bool = True) -> bool:
        """Add the counts to the ledger; what can't be written is kept for the next merge.

        Args:
            observe: whether to call the callbacks of observable instruments, too.

        Returns:
            Whether everything is in the ledger.
        """
        with self._collecting:
            with nullcontext() if observe else measurements.unasked(), drops.contained("metric"):
                self.reader.collect()
            try:
                with self._storing:
                    self._store.merge(self._intake.batch)
            except (sqlite3.Error, OSError) as error:
                self._failed(error)
                return False
            self._intake.done()
            self._failing = False
            return True

    def scrape(self) -> MetricsData:
        """Return everything that the host's workers have counted, to somebody who takes it."""
        at = time.time_ns()
        with self._storing:
            data = self._sums(self._scraped)
            self._scraped.taken(at)
        return data

    def lease(self, name: str, seconds: float) -> bool:
        """Return whether this process holds the lease `name` for so many seconds."""
        with self._storing:
            return self._store.lease(name, seconds)

    def before_fork(self) -> None:
        """Close the file until the fork, because SQLite's locks don't survive in a child that inherits them."""
        self._forking.holds = self._storing.acquire(timeout=_FORK_TIMEOUT)
        if self._forking.holds:
            self._store.close()

    def after_fork_in_parent(self) -> None:
        """Let others use the file again."""
        if self._forking.holds:
            self._storing.release()

    def after_fork(self) -> None:
        """Start afresh in a child; the parent's unmerged counts are the parent's."""
        shut = self._forking.holds
        self._begin()
        if not shut:
            # The parent's transaction is open in this copy of its memory, so this process can't use the file.
            self._closed = True
            logger.warning("this process was forked while the ledger was being written: its counts are lost")
            return
        self._store.enter()
        self.start()

    def _begin(self) -> None:
        self._collecting = threading.RLock()
        self._storing = threading.RLock()
        # By thread, because several may fork at the same time.
        self._forking = threading.local()
        self._intake = Intake(self._limit)
        self._observed = float("-inf")
        self._took = 0.0
        self._timers = []
        self._sending = None
        self._closed = False

    def _take(self, data: MetricsData, complete: bool) -> None:
        self._intake.take(data, complete=complete)

    def _merge_when_due(self) -> None:
        now = time.monotonic()
        observe = now - self._observed >= self._interval
        if observe:
            self._observed = now
        self.merge(observe=observe)

    def _send_when_due(self) -> None:
        with self._storing:
            if not self._store.claim(self._interval, _LEASE):
                return
            exit_reports.record_sending(self._store, answered=False)
        began = time.thread_time()
        pause = 0.0
        try:
            # What a failure costs, such as its log lines, says nothing about the next turn.
            if self._send():
                pause = self._rest_after(time.thread_time() - began)
        finally:
            with self._storing:
                self._store.release(pause)

    def _rest_after(self, took: float) -> float:
        # Large sums take long every time; what takes long once, such as the first connection, is no reason to rest.
        expected, self._took = min(took, self._took), took
        return rest(expected, 0.0, LONGEST_PAUSE)

    def _sums(self, births: Births) -> MetricsData:
        with self._storing:
            identity, metrics = self._store.snapshot(births.horizon())
        return metrics_data(self._resource(), identity, metrics)

    def _send(self, *, last: bool = False) -> bool:
        at = time.time_ns()
        if last:
            with self._storing:
                self._sent.show(at)
        data = self._sums(self._sent)
        if self._sender is not None and data.resource_metrics[0].scope_metrics and not self._sender.send(data):
            return False
        with self._storing:
            exit_reports.record_sending(self._store, answered=True)
            self._sent.taken(at)
        return True

    def _ask(self) -> exit_deadline.OtherProcesses:
        with self._storing:
            return exit_reports.read(self._store)

    def _flush(self, timeout: float) -> bool:
        merged = self.merge()
        with self._storing:
            alone = self._store.is_alone()
        if not exit_deadline.has_begun():
            self._send_within(min(timeout, exit_deadline.total()), last=alone)
            return merged
        with self._storing:
            exit_reports.record_exit(self._store)
        if alone:
            self._send_last()
        # Otherwise another process sends what this one merged, and this one needn't wait for an endpoint.
        return merged

    def _close(self, _: float) -> None:
        if self._closed:
            return
        self._closed = True
        self.merge()
        with self._storing:
            exit_reports.record_exit(self._store)
            alone = self._store.leave()
        if alone:
            self._send_last()
        for timer in self._timers:
            timer.stop()
        if self._sender is not None:
            self._sender.shutdown()
        with self._storing:
            self._store.close()

    def _send_last(self) -> None:
        if self._sending is not None:
            exit_deadline.wait(self._sending.finish(lambda: self._send(last=True)))

    def _send_within(self, timeout: float, *, last: bool) -> None:
        def attempt() -> None:
            with drops.contained("metric"):
                self._send(last=last)

        thread = threading.Thread(target=attempt, name="PazpazOtelLedgerFlush", daemon=True)
        thread.start()
        thread.join(timeout)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            with self._storing:
                self._store.replace()
        if not self._failing:
            self._failing = True
            logger.warning(
                "the ledger can't be written: counts stay in memory until it can be (%s)", Told(type(error).__name__)
            )
