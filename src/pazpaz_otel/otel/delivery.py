"""Count what queues and exporters couldn't deliver, log it, and shut the queues down at the same time.

An exporter swallows its failures by design, after its own retries; without a count, an application whose telemetry is
lost looks like a quiet one. The SDK shuts queues down one after the other, and each waits for an export in progress as
long as it takes.
"""

from __future__ import annotations

import logging
import os
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Final

from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from pazpaz_otel import forks
from pazpaz_otel.otel import exit_deadline
from pazpaz_otel.redact import drops

logger = logging.getLogger(__name__)

_BATCHING: Final[dict[str, Any]] = {"span": BatchSpanProcessor, "log": BatchLogRecordProcessor}
_RESULTS: Final[dict[str, Any]] = {"span": SpanExportResult, "log": LogRecordExportResult}

_LOG_INTERVAL: Final = 600.0
"""Seconds between two lines about the same loss."""

_queues: Final[weakref.WeakKeyDictionary[Any, Callable[[], None]]] = weakref.WeakKeyDictionary()
"""What counts the rest when the time is over, by the SDK's queue behind its processor."""


class _Losses:
    """Count what a surface loses for one reason, and log it at intervals.

    Args:
        surface: `span` or `log`.
        reason: `export_failed` or `queue_full`.
    """

    def __init__(self, surface: str, reason: str = "export_failed") -> None:
        self._surface = surface
        self._reason = reason
        self._lock = forks.lock()
        self._said = float("-inf")

    def add(self, count: int) -> None:
        drops.drop(self._surface, self._reason, count)
        # Nobody waits for the lock: a finalizer may log during this, and lose that line to a full queue.
        if not self._lock.acquire(blocking=False):
            return
        try:
            now = time.monotonic()
            if now - self._said < _LOG_INTERVAL:
                return
            self._said = now
        finally:
            self._lock.release()
        # Each line is a literal in a statement of its own, because this package's lines are guarded, too.
        if (self._surface, self._reason) == ("span", "export_failed"):
            logger.error("spans are lost: their exporter failed; is the OTLP endpoint up, and does it let us in?")
        elif self._reason == "export_failed":
            logger.error("log records are lost: their exporter failed; is the OTLP endpoint up, and does it let us in?")
        elif self._surface == "span":
            logger.error("spans are lost: the queue is full; is the OTLP endpoint slow?")
        else:
            logger.error("log records are lost: the queue is full; is the OTLP endpoint slow?")


class _Pending:
    """The size of the batch being exported, which is lost if the process ends without waiting for it."""

    def __init__(self) -> None:
        self._count = 0
        self._process = os.getpid()
        self._lock = forks.lock()

    def begin(self, count: int) -> None:
        with self._lock:
            self._count, self._process = count, os.getpid()

    def take(self) -> int:
        """Return how many items are still unanswered, and reset the number to none."""
        with self._lock:
            count, self._count = self._count, 0
            # A forked process's copy of its parent's batch is the parent's.
            return count if self._process == os.getpid() else 0


class CountingExporter:
    """Count the spans or log records that another exporter couldn't deliver."""

    def __init__(self, exporter: Any, surface: str) -> None:
        self._exporter = exporter
        self._surface = surface
        self._results = _RESULTS[surface]
        self.losses = _Losses(surface)
        self.pending = _Pending()

    def export(self, batch: Sequence[Any]) -> Any:
        """Export, and count a failure."""
        self.pending.begin(len(batch))
        try:
            result = self._exporter.export(batch)
        except Exception as error:  # noqa: BLE001 - an exporter's failure is a loss, not the application's
            drops.fail(self._surface, error)
            result = self._results.FAILURE
        unanswered = self.pending.take()
        if unanswered and result is not self._results.SUCCESS:
            self.losses.add(unanswered)
        return result

    def shutdown(self) -> None:
        """Shut the exporter down."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush the exporter."""
        return bool(self._exporter.force_flush(timeout_millis))


def batching(exporter: Any, surface: str, **limits: Any) -> Any:
    """Return the SDK's batch processor for an exporter; what either loses is counted and logged at intervals.

    Args:
        exporter: exports spans or log records.
        surface: `span` or `log`, accordingly.
        limits: of the SDK's processor; by default, those of the environment.
    """
    counting = CountingExporter(exporter, surface)
    processor: Any = _BATCHING[surface](counting, **limits)
    queue = processor._batch_processor  # noqa: SLF001 - its end is limited in time
    losses = _Losses(surface, "queue_full")
    drop_items = queue._metrics.drop_items  # noqa: SLF001 - where the SDK counts what it drops

    def count_too(count: int, error_type: str = "queue_full") -> None:
        if error_type == "queue_full":
            losses.add(count)
        else:
            drops.drop(surface, "export_failed", count)
        drop_items(count, error_type)

    def give_up() -> None:
        # What its thread didn't get to, and what it still waits for.
        count = len(queue._queue) + queue._exporter.pending.take()  # noqa: SLF001
        if count:
            # The exporter's own, so that what it has logged isn't logged again at the end.
            counting.losses.add(count)

    queue._metrics.drop_items = count_too  # noqa: SLF001
    _queues[queue] = give_up
    return processor


def queuing(processor: Any) -> Callable[[Any], None]:
    """Return what puts an item into a batch processor's queue, like its `emit`.

    It leaves out that the SDK asks for each item which process it runs in, although it is also told of a fork, and that
    it logs each item that a full queue drops, which `batching` does at intervals; what a full batch or the end need is
    left to the SDK.
    """
    queue = processor._batch_processor  # noqa: SLF001 - accepts anything that its exporter accepts
    emit: Callable[[Any], None] = queue.emit
    if not hasattr(os, "register_at_fork"):
        return emit
    waiting = queue._queue  # noqa: SLF001 - emptied at a fork, not replaced
    append = waiting.appendleft
    last = queue._max_export_batch_size - 1  # noqa: SLF001 - with one more, its thread is woken
    most = queue._max_queue_size  # noqa: SLF001 - with one more, the oldest is dropped
    woken = queue._worker_awaken  # noqa: SLF001

    def put(item: Any) -> None:
        count = len(waiting)
        if queue._shutdown or last <= count < most:  # noqa: SLF001
            emit(item)
            return
        if count == most:
            queue._metrics.drop_items(1)  # noqa: SLF001
            if not woken.is_set():
                woken.set()
        append(item)

    return put


def wake() -> None:
    """Let each queue's own thread export everything it holds; later items are rejected, as by the SDK's shutdown."""
    for queue in list(_queues):
        queue._shutdown = True  # noqa: SLF001 - its `shutdown` would wait for each in turn
        queue._worker_awaken.set()  # noqa: SLF001


def empty() -> None:
    """Wait for the queues as long as the process's end allows, and give up what is left."""
    wake()
    for queue, give_up in list(_queues.items()):
        exit_deadline.wait(queue._worker_thread, exit_deadline.METRICS_RESERVE)  # noqa: SLF001 - a daemon thread that nobody else waits for
        queue._shutdown_timeout_exceeded = True  # noqa: SLF001 - its thread starts no further batch
        give_up()
