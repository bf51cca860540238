"""Whatever writes on a log record, wherever it stands and by whatever attribute: nothing of it leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadableLogRecord
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    InMemoryLogRecordExporter,
    LogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from tests.unit.otel.writing import NAME, WORKSPACE, guard_process, in_place

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _guarded() -> None:
    guard_process()


LOG_WRITERS = {
    **{
        f"record.{field}": in_place(lambda item, field=field, value=value: setattr(item.log_record, field, value))
        for field, value in (
            ("body", NAME),
            ("body", {"note": NAME}),
            ("attributes", {"client.name": NAME}),
            ("event_name", NAME),
            ("severity_text", NAME),
        )
    },
    "attributes": in_place(lambda item: item.log_record.attributes.__setitem__("client.name", NAME)),
    "attributes._dict": in_place(lambda item: item.log_record.attributes._dict.update({"client.name": NAME})),
    "item.resource": in_place(lambda item: setattr(item, "resource", Resource({"service.name": NAME}))),
    "item.scope": in_place(lambda item: setattr(item, "instrumentation_scope", InstrumentationScope(NAME))),
    "item.log_record": in_place(lambda item: setattr(item, "log_record", LogRecord(body=NAME))),
    "resource._attributes": in_place(lambda item: setattr(item.resource, "_attributes", {"service.name": NAME})),
    "scope._name": in_place(lambda item: setattr(item.instrumentation_scope, "_name", NAME)),
    "a new record": lambda item: ReadableLogRecord(LogRecord(body=NAME), item.resource, item.instrumentation_scope),
    "frozen": lambda item: object.__setattr__(item, "log_record", LogRecord(body=NAME)) or item,
}


class _WritingLogs(LogRecordProcessor):
    def __init__(self, write: Callable[[Any], Any], inner: LogRecordProcessor | None = None) -> None:
        self.write, self.inner = write, inner

    def on_emit(self, log_record: Any) -> None:
        written = self.write(log_record)
        if self.inner is not None and hasattr(written, "limits"):
            self.inner.on_emit(written)

    def shutdown(self) -> None:
        if self.inner is not None:
            self.inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.inner is None or self.inner.force_flush(timeout_millis)


class _WritingLogExporter(LogRecordExporter):
    def __init__(self, write: Callable[[Any], Any], inner: LogRecordExporter) -> None:
        self.write, self.inner = write, inner

    def export(self, batch: Any) -> Any:
        return self.inner.export([self.write(item) for item in batch])

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


LOG_PLACES = {
    "before": lambda write, exporter: [_WritingLogs(write), SimpleLogRecordProcessor(exporter)],
    "after": lambda write, exporter: [BatchLogRecordProcessor(exporter), _WritingLogs(write)],
    "around": lambda write, exporter: [_WritingLogs(write, BatchLogRecordProcessor(exporter))],
    "in the exporter": lambda write, exporter: [BatchLogRecordProcessor(_WritingLogExporter(write, exporter))],
}


@pytest.mark.parametrize("place", LOG_PLACES.values(), ids=LOG_PLACES)
@pytest.mark.parametrize("write", LOG_WRITERS.values(), ids=LOG_WRITERS)
def test_nothing_that_is_written_on_a_log_record_leaves(write: Any, place: Any) -> None:
    """A processor or exporter's wrapper that writes on a record, before or after the exporter, writes nothing out."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    for processor in place(write, exporter):
        provider.add_log_record_processor(processor)
    logger = provider.get_logger("tests")
    for _ in range(2):
        logger.emit(LogRecord(body="note opened", severity_number=SeverityNumber.INFO, attributes={"n": 1}))
    provider.shutdown()
    finished = exporter.get_finished_logs()
    assert b"305123456" not in encode_logs(finished).SerializeToString()
    assert "305123456" not in "".join(record.to_json() for record in finished)


def test_a_log_processor_that_keeps_to_the_policy_is_heard() -> None:
    """What a processor adds to a record reaches those behind it, judged: the listed key leaves, the other doesn't."""

    class Enriching(LogRecordProcessor):
        def on_emit(self, log_record: Any) -> None:
            log_record.log_record.attributes["workspace.id"] = WORKSPACE
            log_record.log_record.attributes["client.name"] = NAME

        def shutdown(self) -> None:
            pass

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return True

    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(Enriching())
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("tests").emit(LogRecord(body="note opened"))
    [record] = exporter.get_finished_logs()
    assert dict(record.log_record.attributes) == {"workspace.id": WORKSPACE}
    assert record.log_record.body == "note opened"


LINE_WRITERS = {
    "msg": lambda record: vars(record).update(msg=NAME, args=()),
} | {
    field: in_place(lambda record, field=field, value=value: setattr(record, field, value))
    for field, value in {
        "args": (NAME,),
        "template": NAME,
        "name": NAME,
        "levelname": NAME,
        "levelno": 305123456,
        "created": 305123456.0,
        "exc_text": NAME,
        "exc_info": (ValueError, ValueError(NAME), None),
        "stack_info": NAME,
        "threadName": NAME,
        "taskName": NAME,
        "processName": NAME,
        "pathname": NAME,
        "filename": NAME,
        "module": NAME,
        "funcName": NAME,
        "client": NAME,
        "otelTraceID": NAME,
    }.items()
}


@pytest.mark.parametrize("write", LINE_WRITERS.values(), ids=LINE_WRITERS)
@pytest.mark.parametrize("place", ["logger", "handler"])
def test_nothing_that_a_logging_filter_writes_leaves(write: Any, place: str) -> None:
    """A filter that rewrites a record's field, at the logger or at the exporting handler, writes nothing out."""
    exporter = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    handler = LoggingHandler(logger_provider=provider)
    logger = logging.getLogger("tests.written")
    filtered = logger if place == "logger" else handler

    def writing(record: logging.LogRecord) -> bool:
        write(record)
        return True

    filtered.addFilter(writing)
    logger.addHandler(handler)
    try:
        logger.error("note of %s opened", "somebody")
    finally:
        logger.removeHandler(handler)
        filtered.removeFilter(writing)
    sent = encode_logs(exporter.get_finished_logs()).SerializeToString()
    assert b"Dvora" not in sent
    assert b"305123456" not in sent
