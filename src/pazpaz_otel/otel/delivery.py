"""Count what queues and exporters couldn't deliver, and log it.

An exporter swallows its failures by design, after its own retries; without a count, an application whose telemetry is
lost looks like a quiet one.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from pazpaz_otel.otel import queues
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.trace import ReadableSpan

logger = logging.getLogger(__name__)

_Batching = TypeVar("_Batching", BatchSpanProcessor, BatchLogRecordProcessor)

_LOG_INTERVAL: Final = 600.0
"""Seconds between two lines about the same loss."""


class _Losses:
    """Count what a surface loses for one reason, and log it at intervals.

    Args:
        surface: `span` or `log`.
        reason: `export_failed` or `queue_full`.
    """

    def __init__(self, surface: str, reason: str = "export_failed") -> None:
        self._surface = surface
        self._reason = reason
        self._lock = threading.Lock()
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
        self._lock = threading.Lock()

    def begin(self, count: int) -> None:
        with self._lock:
            self._count = count

    def take(self) -> int:
        """Return how many items are still unanswered, and reset the number to none."""
        with self._lock:
            count, self._count = self._count, 0
            return count


class CountingSpanExporter(SpanExporter):
    """Count the spans that another exporter couldn't deliver."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._losses = _Losses("span")
        self.pending = _Pending()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export, and count a failure."""
        self.pending.begin(len(spans))
        try:
            result = self._exporter.export(spans)
        except Exception as error:  # noqa: BLE001 - an exporter's failure is a loss, not the application's
            drops.fail("span", error)
            result = SpanExportResult.FAILURE
        unanswered = self.pending.take()
        if unanswered and result is not SpanExportResult.SUCCESS:
            self._losses.add(unanswered)
        return result

    def shutdown(self) -> None:
        """Shut the exporter down."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush the exporter."""
        return self._exporter.force_flush(timeout_millis)


class CountingLogRecordExporter(LogRecordExporter):
    """Count the log records that another exporter couldn't deliver."""

    def __init__(self, exporter: LogRecordExporter) -> None:
        self._exporter = exporter
        self._losses = _Losses("log")
        self.pending = _Pending()

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Export, and count a failure."""
        self.pending.begin(len(batch))
        try:
            result = self._exporter.export(batch)
        except Exception as error:  # noqa: BLE001 - an exporter's failure is a loss, not the application's
            drops.fail("log", error)
            result = LogRecordExportResult.FAILURE
        unanswered = self.pending.take()
        if unanswered and result is not LogRecordExportResult.SUCCESS:
            self._losses.add(unanswered)
        return result

    def shutdown(self) -> None:
        """Shut the exporter down."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush the exporter."""
        return self._exporter.force_flush(timeout_millis)


def counted(processor: _Batching, surface: str) -> _Batching:
    """Return `processor`, whose lost items are now counted under `surface` and logged at intervals."""
    losses = _Losses(surface, "queue_full")
    measured = processor._batch_processor._metrics  # noqa: SLF001 - where the SDK counts what it drops
    drop_items = measured.drop_items

    def count_too(count: int, error_type: str = "queue_full") -> None:
        if error_type == "queue_full":
            losses.add(count)
        else:
            drops.drop(surface, "export_failed", count)
        drop_items(count, error_type)

    measured.drop_items = count_too  # type: ignore[method-assign]
    queue: Any = processor._batch_processor  # noqa: SLF001 - its end is limited in time
    left = _Losses(surface)

    def give_up() -> None:
        count = len(queue._queue)  # noqa: SLF001 - what its thread didn't get to
        if isinstance(queue._exporter, CountingSpanExporter | CountingLogRecordExporter):  # noqa: SLF001
            count += queue._exporter.pending.take()  # noqa: SLF001
        if count:
            left.add(count)

    queues.watch(queue, give_up)
    return processor
