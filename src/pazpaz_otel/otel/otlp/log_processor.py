"""Guard and encode a log record where it is emitted, so that only bytes wait for export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.otel.delivery import batching, queuing
from pazpaz_otel.otel.otlp import logs
from pazpaz_otel.otel.otlp.request import Encoded
from pazpaz_otel.otel.processors import RedactingLogRecordProcessor, judged_log
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.emission import emitting

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import ReadWriteLogRecord
    from opentelemetry.sdk._logs.export import LogRecordExporter

    from pazpaz_otel.redact.guards import Guard


class OtlpLogRecordProcessor(RedactingLogRecordProcessor):
    """Queue guarded log records as bytes, for an exporter whose encoder accepts them.

    The queue, its thread, its limits and its behaviour at a fork are those of the SDK's `BatchLogRecordProcessor`.
    """

    def __init__(self, exporter: LogRecordExporter, guard: Guard) -> None:
        batch = batching(exporter, "log")
        super().__init__(batch, guard)
        self.queue = queuing(batch)
        """Queues one `Encoded`."""
        self.guard = guard
        self.logs = self._logs

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Queue the record's bytes; drop and count what can't be guarded or encoded."""
        clean = judged_log(log_record, self._logs, self.guard, emitting())
        if clean is None or clean.resource is None:
            return
        try:
            content = logs.encode(clean.log_record, clean.dropped_attributes)
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("log", error)
            drops.drop("log", "wrong_type")
            return
        self.queue(Encoded(clean.resource, clean.instrumentation_scope, content))
