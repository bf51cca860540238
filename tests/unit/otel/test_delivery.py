"""Telemetry that is lost on its way out is counted."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pazpaz_otel.otel import delivery, exit_deadline
from pazpaz_otel.otel.delivery import batching, queuing
from pazpaz_otel.redact import drops
from tests.programs import wait_until


class Stuck:
    """An exporter that hangs until it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.entered = threading.Event()

    def export(self, batch):
        self.entered.set()
        self.free.wait(30)
        return super().export(batch)


class StuckSpans(Stuck, InMemorySpanExporter):
    def __init__(self) -> None:
        InMemorySpanExporter.__init__(self)
        Stuck.__init__(self)


class StuckRecords(Stuck, InMemoryLogRecordExporter):
    def __init__(self) -> None:
        InMemoryLogRecordExporter.__init__(self)
        Stuck.__init__(self)


@pytest.mark.parametrize("surface", ["span", "log"])
def test_what_a_full_queue_pushes_out_is_counted(surface: str):
    """With an exporter that hangs, what arrives is what was made less what is counted as `queue_full`."""
    before = drops.snapshot().get((surface, "queue_full"), 0)
    sizes = {"max_queue_size": 4, "max_export_batch_size": 4, "schedule_delay_millis": 60_000}
    if surface == "span":
        exporter = StuckSpans()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(batching(exporter, surface, **sizes))
        tracer = provider.get_tracer(__name__)
        make = lambda: tracer.start_span("made").end()  # noqa: E731
        finished = exporter.get_finished_spans
    else:
        exporter = StuckRecords()
        provider = LoggerProvider(shutdown_on_exit=False)
        provider.add_log_record_processor(batching(exporter, surface, **sizes))
        log = provider.get_logger(__name__)
        make = lambda: log.emit(LogRecord(body="made"))  # noqa: E731
        finished = exporter.get_finished_logs
    for _ in range(4):
        make()
    assert exporter.entered.wait(10)
    for _ in range(10):
        make()
    exporter.free.set()
    provider.shutdown()
    lost = drops.snapshot().get((surface, "queue_full"), 0) - before
    assert (len(finished()), lost) == (8, 6)


def test_a_full_queue_costs_no_log_record(monkeypatch: pytest.MonkeyPatch):
    """While nothing can be sent, a request makes no record that a filter then drops: it would be judged first."""
    before = drops.snapshot().get(("span", "queue_full"), 0)
    exporter = StuckSpans()
    processor = batching(exporter, "span", max_queue_size=4, max_export_batch_size=4, schedule_delay_millis=60_000)
    put = queuing(processor)
    made: list[str] = []
    factory = logging.getLogRecordFactory()

    def noting(name: str, *rest: Any, **more: Any) -> logging.LogRecord:
        made.append(name)
        return factory(name, *rest, **more)

    tracer = TracerProvider(shutdown_on_exit=False).get_tracer(__name__)
    spans = [tracer.start_span(str(number)) for number in range(14)]
    for span in spans[:4]:
        put(span)
    assert exporter.entered.wait(10)
    monkeypatch.setattr(logging, "_logRecordFactory", noting)
    for span in spans[4:]:
        put(span)
    exporter.free.set()
    processor.shutdown()
    lost = drops.snapshot().get(("span", "queue_full"), 0) - before
    assert ([span.name for span in exporter.get_finished_spans()], lost) == ([*"0123", "10", "11", "12", "13"], 6)
    assert made == ["pazpaz_otel.otel.delivery"]


def test_what_is_left_when_the_time_is_over_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue whose exporter hangs doesn't hold up the end of the process; its items count as lost."""
    monkeypatch.setattr(exit_deadline, "_state", exit_deadline._State())
    monkeypatch.setattr(delivery, "_queues", {})
    exporter = StuckSpans()
    processor = batching(exporter, "span", max_export_batch_size=1)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)
    provider.get_tracer("tests").start_span("one").end()
    assert exporter.entered.wait(10)
    for _ in range(2):
        provider.get_tracer("tests").start_span("more").end()
    before = drops.snapshot().get(("span", "export_failed"), 0)
    exit_deadline._state.began = 0.0
    delivery.empty()
    # The one that its exporter hangs on, and the two behind it.
    assert drops.snapshot()[("span", "export_failed")] - before == 3
    exporter.free.set()


class FailsThenHangs(StuckSpans):
    """An exporter that fails at once the first time."""

    def export(self, batch):
        if self.entered.is_set():
            return super().export(batch)
        self.entered.set()
        return SpanExportResult.FAILURE


def test_a_loss_that_was_logged_is_not_logged_again_at_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Spans that are still queued when the process ends are counted, under the one line about the same loss."""
    monkeypatch.setattr(exit_deadline, "_state", exit_deadline._State())
    monkeypatch.setattr(delivery, "_queues", {})
    exporter = FailsThenHangs()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(batching(exporter, "span", max_export_batch_size=1))
    before = drops.snapshot().get(("span", "export_failed"), 0)
    provider.get_tracer("tests").start_span("one").end()
    wait_until(lambda: "spans are lost" in caplog.text, "the line")
    provider.get_tracer("tests").start_span("two").end()
    exit_deadline._state.began = 0.0
    delivery.empty()
    assert drops.snapshot()[("span", "export_failed")] - before == 2
    assert [record.getMessage()[:14] for record in caplog.records].count("spans are lost") == 1
    exporter.free.set()
