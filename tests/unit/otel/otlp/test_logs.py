"""Log records as bytes: each field as the SDK writes it, and each log call as the SDK's way tells it."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.sdk._logs import LoggerProvider, LogRecordLimits, LogRecordProcessor, ReadableLogRecord
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    LogRecordExporter,
    LogRecordExportResult,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from pazpaz_otel import patches
from pazpaz_otel.integrations import stdlib_logging
from pazpaz_otel.otel.otlp import lean_log, logs
from pazpaz_otel.otel.otlp.processor import OtlpLogRecordProcessor
from pazpaz_otel.otel.otlp.request import Encoded, Frames
from pazpaz_otel.otel.processors import RedactingLogRecordProcessor
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import drops, log_templates
from pazpaz_otel.redact.guards import Guard
from tests.unit.otel.otlp.test_spans import attributes, resources, scopes, texts, times, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "Dvora Mizrahi"
UUID = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"
SCOPE = "tests.clinic"
DATA = bytes.fromhex("44766f72612063616d65206c617465").decode()
"""A text about Dvora that no source holds."""
FORMAT = f"{DATA} by %d"


@st.composite
def readable(draw: st.DrawFn) -> ReadableLogRecord:
    record = LogRecord(
        timestamp=draw(st.one_of(st.none(), times)),
        observed_timestamp=draw(times),
        severity_text=draw(st.one_of(st.none(), texts)),
        severity_number=draw(st.one_of(st.none(), st.sampled_from(SeverityNumber))),
        body=draw(values),
        attributes=draw(attributes),
        event_name=draw(st.one_of(st.none(), texts)),
    )
    record.trace_id = draw(st.integers(0, 2**128 - 1))
    record.span_id = draw(st.integers(0, 2**64 - 1))
    record.trace_flags = draw(st.integers(0, 255))  # type: ignore[assignment]
    return ReadableLogRecord(record, draw(resources), draw(scopes))


@given(st.lists(readable(), min_size=1, max_size=4))
def test_every_field_is_what_the_sdk_writes(batch: list[ReadableLogRecord]):
    """A batch of any records decodes to the same request as the SDK's encoder makes of it."""
    encoded = [Encoded(item.resource, item.instrumentation_scope, logs.encode(item.log_record)) for item in batch]
    ours = ExportLogsServiceRequest.FromString(Frames().body(encoded).SerializePartialToString())
    assert _grouped(encode_logs(batch)) == _grouped(ours)


class Kept(LogRecordExporter):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def export(self, batch: Any) -> LogRecordExportResult:
        """Keep a batch."""
        self.items += batch
        return LogRecordExportResult.SUCCESS

    def shutdown(self) -> None:
        """Do nothing."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Have nothing to flush."""
        return True


class Both:
    """One logger whose records go the short way and the SDK's."""

    def __init__(self) -> None:
        self.guard = Guard(load_policy())
        resource = Resource({"service.name": "clinic-api"})
        self.kept, self.memory = Kept(), InMemoryLogRecordExporter()
        self.lean, self.sdk = (LoggerProvider(resource, shutdown_on_exit=False) for _ in range(2))
        self.lean.add_log_record_processor(OtlpLogRecordProcessor(self.kept, self.guard))
        self.sdk.add_log_record_processor(
            RedactingLogRecordProcessor(SimpleLogRecordProcessor(self.memory), self.guard)
        )
        # Of no hierarchy: pytest's own handler raises what `logging` forgives, and its reports can't carry what isn't
        # UTF-8.
        self.logger = logging.Logger(logging.getLogger(SCOPE).name)  # noqa: LOG001
        self.handlers = [LoggingHandler(logger_provider=provider) for provider in (self.lean, self.sdk)]

    def ours(self) -> list[bytes]:
        """What left the short way, in a form that can be compared."""
        self.lean.force_flush()
        request = Frames().body(self.kept.items).SerializePartialToString()
        return _grouped(ExportLogsServiceRequest.FromString(request), timed=False)

    def theirs(self) -> list[bytes]:
        """What left the SDK's way."""
        return _grouped(encode_logs(self.memory.get_finished_logs()), timed=False)


@pytest.fixture
def both() -> Iterator[Both]:
    made = Both()
    with patches.restored():
        log_templates.install()
        stdlib_logging.tolerate_logging_errors(lean=True)
        made.logger.setLevel(1)
        for handler in made.handlers:
            made.logger.addHandler(handler)
        yield made
        for handler in made.handlers:
            made.logger.removeHandler(handler)
    structlog.reset_defaults()
    for provider in (made.lean, made.sdk):
        provider.shutdown()  # type: ignore[no-untyped-call]


class _Told(str):
    __slots__ = ()


def _raised(log: logging.Logger) -> None:
    try:
        raise ValueError("the clinic is closed")
    except ValueError:
        log.exception("booking failed for %s", NAME)


def _wrong(log: logging.Logger) -> None:
    log.info("%d of %d", NAME)  # noqa: PLE1206 - that is the case


def _structured(log: logging.Logger) -> None:
    structlog.configure(
        processors=[structlog.stdlib.render_to_log_kwargs],
        logger_factory=lambda *_: log,
        cache_logger_on_first_use=False,
    )
    structlog.get_logger().info("slot_booked", client=NAME, reason="first_visit", attempt=2)


CALLS: dict[str, Callable[[logging.Logger], Any]] = {
    "a template": lambda log: log.warning("%d reminders are late", 3),
    "a name in a template": lambda log: log.info("note saved for %s", NAME),
    "a composed text": lambda log: log.info(f"note saved for {NAME}"),  # noqa: G004 - that is the case
    "a text of data": lambda log: log.info(NAME),
    "a text of data with fields": lambda log: log.info(DATA, extra={"reason": "first_visit", "client.id": UUID}),
    "a text of data with an argument": lambda log: log.info(FORMAT, 3),
    "a text of data with a wrong argument": lambda log: log.info(DATA, 3),
    "an object of JSON": lambda log: log.info(json.dumps({"event": "saved", "note": DATA})),
    "an object of JSON that is cut off": lambda log: log.info(json.dumps({"event": DATA})[:-1]),
    "wrong arguments": _wrong,
    "a level of one's own": lambda log: log.log(23, "reminders are sent"),
    "a level beyond": lambda log: log.log(99, "reminders are sent"),
    "critical": lambda log: log.critical("the queue is full"),
    "a field of the policy": lambda log: log.info("saved", extra={"http.request.method": "GET", "client.id": UUID}),
    "a field of data": lambda log: log.info("saved", extra={"client": NAME, "note": [NAME], "more": {"of": NAME}}),
    "a literal field": lambda log: log.info("saved", extra={"reason": "first_visit", "attempt": 2}),
    "an object": lambda log: log.info("saved", extra={"client": object(), "raw": b"x"}),
    "an event's name": lambda log: log.info("saved", extra={"event.name": "slot_booked"}),
    "too many fields": lambda log: log.info("saved", extra={f"field{number}": number for number in range(10_000)}),
    "a text that isn't UTF-8": lambda log: log.info("saved \ud800", extra={"reason": "\ud800"}),
    "a text of ten megabytes": lambda log: log.info("saved %s", NAME * 800_000),
    "an exception": _raised,
    "an exception as message": lambda log: log.error(ValueError("the clinic is closed")),
    "a mapping": lambda log: log.info({"event": "saved", "client": NAME}),
    "a subclass of str": lambda log: log.info(_Told("saved")),
    "structlog": _structured,
}


@pytest.mark.filterwarnings("ignore:Log record attributes were dropped")
@pytest.mark.parametrize("case", CALLS)
def test_a_log_call_is_told_as_the_sdks_way_tells_it(both: Both, case: str):
    """Bodies, attributes, severities, scopes, resources, traces and counts of what was cut are the same."""
    CALLS[case](both.logger)
    with TracerProvider(shutdown_on_exit=False).get_tracer(SCOPE).start_as_current_span("book"):
        CALLS[case](both.logger)
    assert both.ours() == both.theirs()
    assert not any(b"Dvora" in told for told in both.ours())


def test_the_ordinary_call_takes_the_short_way(both: Both, monkeypatch: pytest.MonkeyPatch):
    """A template and its fields never become a record of the SDK."""
    monkeypatch.setattr(both.handlers[0], "_translate", lambda _: pytest.fail("the SDK's way"))
    both.logger.info("note saved for %s", NAME, extra={"reason": "first_visit"})
    assert len(both.ours()) == 1


def test_a_text_of_data_takes_the_short_way(both: Both, monkeypatch: pytest.MonkeyPatch):
    """Libraries that log what they are told do so often; each text is counted as unproven."""
    monkeypatch.setattr(both.handlers[0], "_translate", lambda _: pytest.fail("the SDK's way"))
    before = drops.snapshot().get(("log_body", "unproven_text"), 0)
    both.logger.info(DATA, extra={"reason": "first_visit"})
    assert len(both.ours()) == 1
    assert drops.snapshot()["log_body", "unproven_text"] == before + 2


class Reader(LogRecordProcessor):
    """A processor that an application adds."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def on_emit(self, log_record: Any) -> None:
        """Keep the body."""
        self.bodies.append(log_record.log_record.body)

    def shutdown(self) -> None:
        """Do nothing."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Have nothing to flush."""
        return True


def test_a_processor_that_was_added_sees_the_records(both: Both):
    """Where the application has a processor of its own, each record passes it."""
    reader = Reader()
    both.lean.add_log_record_processor(reader)
    both.logger.info("reminders are sent")
    assert reader.bodies == ["reminders are sent"]
    assert both.ours() == both.theirs()


def test_limits_of_ones_own_are_kept():
    """A record whose fields the SDK's limits cut is left to the SDK."""
    provider = LoggerProvider(shutdown_on_exit=False, log_record_limits=LogRecordLimits(max_log_record_attributes=1))
    provider.add_log_record_processor(OtlpLogRecordProcessor(Kept(), Guard(load_policy())))
    record = log_templates.ProvenLogRecord.of(SCOPE, 20, __file__, 1, "saved", (), None)
    assert not lean_log.emit(LoggingHandler(logger_provider=provider), _with(record, a=1, b=2))
    provider.shutdown()  # type: ignore[no-untyped-call]


def test_nothing_leaves_a_closed_guard(both: Both):
    """While the guard is closed, records are dropped and counted, either way."""
    both.guard.closed = True
    before = drops.snapshot().get(("log", "unguarded"), 0)
    both.logger.info("reminders are sent")
    assert both.ours() == both.theirs() == []
    assert drops.snapshot()["log", "unguarded"] == before + 2


def test_a_record_of_the_api_waits_as_bytes(both: Both):
    """What is emitted through OpenTelemetry's own API is guarded and encoded where it is made."""
    for provider in (both.lean, both.sdk):
        provider.get_logger(SCOPE).emit(body=NAME, attributes={"client": NAME}, severity_text=NAME, event_name=NAME)
    assert both.ours() == both.theirs()
    assert all(type(item) is Encoded for item in both.kept.items)
    assert not any(b"Dvora" in item.content for item in both.kept.items)


def test_what_cannot_be_encoded_is_one_record(both: Both, monkeypatch: pytest.MonkeyPatch):
    """A record that has no encoding is dropped and counted; the next one leaves."""
    before = drops.snapshot().get(("log", "wrong_type"), 0)
    with monkeypatch.context() as patching:
        patching.setattr(logs, "encode", lambda *_: (_ for _ in ()).throw(TypeError("no encoding")))
        both.lean.get_logger(SCOPE).emit(LogRecord(body="saved"))
    both.logger.info("reminders are sent")
    assert len(both.ours()) == 1
    assert drops.snapshot()["log", "wrong_type"] == before + 1


def _with(record: logging.LogRecord, **fields: Any) -> logging.LogRecord:
    vars(record).update(fields)
    return record


def _grouped(request: ExportLogsServiceRequest, *, timed: bool = True) -> list[bytes]:
    found = []
    for of_resource in request.resource_logs:
        for of_scope in of_resource.scope_logs:
            for record in of_scope.log_records:
                if not timed:
                    # The two handlers see a record one after the other.
                    record.observed_time_unix_nano = 0
                parts = of_resource.resource, of_scope.scope, record
                attributes = sorted(one.SerializeToString(deterministic=True) for one in record.attributes)
                record.ClearField("attributes")
                schemas = of_resource.schema_url.encode(), of_scope.schema_url.encode()
                found.append(
                    b"|".join([*(part.SerializeToString(deterministic=True) for part in parts), *schemas, *attributes])
                )
    return sorted(found)
