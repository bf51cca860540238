"""Log records through the real handlers: the template leaves, values only typed."""

from __future__ import annotations

import copy
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from pazpaz_otel import patches
from pazpaz_otel.integrations import stdlib_logging
from pazpaz_otel.otel.processors import RedactingLogRecordProcessor
from pazpaz_otel.redact import drops, log_templates, text
from pazpaz_otel.redact.log_line import guarded_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.redact.guards import Guard

SECRET = "Dvora-Mizrahi-7731"
UUID = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"


class Pipeline:
    """A logger whose records go through the guard."""

    def __init__(self, guard: Guard) -> None:
        self.exporter = InMemoryLogRecordExporter()
        self.provider = LoggerProvider(shutdown_on_exit=False)
        processor = SimpleLogRecordProcessor(self.exporter)
        self.provider.add_log_record_processor(RedactingLogRecordProcessor(processor, guard))
        self.logger = logging.getLogger(__name__)
        self.handler = LoggingHandler(logger_provider=self.provider, log_code_attributes=True)

    @property
    def record(self) -> Any:
        [found] = self.exporter.get_finished_logs()
        return found.log_record

    @property
    def wire(self) -> str:
        return str(encode_logs(self.exporter.get_finished_logs()))


@pytest.fixture
def pipeline(guard: Guard) -> Iterator[Pipeline]:
    """A pipeline on this module's logger, with the record factory in place."""
    with patches.restored():
        log_templates.install()
        stdlib_logging.tolerate_logging_errors(lean=False)
        pipeline = Pipeline(guard)
        pipeline.logger.addHandler(pipeline.handler)
        yield pipeline
        pipeline.logger.removeHandler(pipeline.handler)


def test_a_template_leaves_without_its_values(pipeline: Pipeline):
    """`%s` stays; what filled it doesn't leave."""
    pipeline.logger.warning("note saved for %s at %d", SECRET, 305123456)
    assert pipeline.record.body == "note saved for %s at %d"
    assert SECRET not in pipeline.wire
    assert "305123456" not in pipeline.wire


def test_a_composed_text_leaves_as_its_template(pipeline: Pipeline):
    """An f-string leaves as the source composes it, without its values; a value alone as the placeholder."""
    pipeline.logger.warning(f"note saved for {SECRET}")  # noqa: G004 - what is tested
    assert pipeline.record.body == "note saved for {SECRET}"
    assert "Mizrahi" not in pipeline.wire
    pipeline.exporter.clear()
    pipeline.logger.warning(SECRET)
    assert pipeline.record.body == text.PLACEHOLDER
    assert SECRET not in pipeline.wire


def test_a_field_for_a_terminal_stays(pipeline: Pipeline):
    """A literal field leaves; one with escapes, such as uvicorn's coloured copy of a message, doesn't."""
    pipeline.logger.warning("note saved", extra={"reason": "no_show", "color_message": "note \x1b[1msaved\x1b[0m"})
    assert pipeline.record.attributes["reason"] == "no_show"
    assert "color_message" not in pipeline.record.attributes


def test_a_field_that_leaves_is_not_counted_as_dropped(pipeline: Pipeline, guard: Guard):
    """Of a proven field and another, only the other is counted: in the record, and in the line that is written."""

    def write(fields: dict[str, str]) -> dict[str, Any]:
        return guarded_values(fields, frozenset(), guard)

    before = drops.snapshot()
    pipeline.logger.warning("note saved", extra={"reason": "no_show", "client": SECRET})
    written = write({"reason": "no_show", "client": SECRET})
    assert pipeline.record.attributes["reason"] == written["reason"] == "no_show"
    for surface in ("log_attribute", "stdout"):
        counted = surface, "unlisted_key"
        assert drops.snapshot()[counted] - before.get(counted, 0) == 1


def test_extra_is_typed(pipeline: Pipeline):
    """Fields given with `extra` leave if the policy names them and their kind fits."""
    extra = {"workspace.id": UUID, "client": SECRET, SECRET: 1, "request_id": SECRET, "event.name": SECRET}
    pipeline.logger.warning("note saved", extra=extra)
    assert pipeline.record.attributes["workspace.id"] == UUID
    assert "request_id" not in pipeline.record.attributes
    assert SECRET not in pipeline.wire


def test_an_exception_leaves_as_type_and_frames(pipeline: Pipeline):
    """The stack stays readable; the message and the source lines stay here."""
    try:
        raise KeyError(SECRET)
    except KeyError:
        pipeline.logger.exception("note lost", stack_info=True)
    assert pipeline.record.attributes["exception.type"] == "KeyError"
    assert pipeline.record.attributes["exception.message"] == text.PLACEHOLDER
    assert "in test_an_exception_leaves_as_type_and_frames" in pipeline.record.attributes["exception.stacktrace"]
    assert "raise KeyError" not in pipeline.wire
    assert SECRET not in pipeline.wire


def test_the_logger_and_its_place_are_proven(pipeline: Pipeline):
    """A logger named after its module is the scope; file, function and line are there."""
    pipeline.logger.warning("note saved")
    [found] = pipeline.exporter.get_finished_logs()
    assert found.instrumentation_scope.name == __name__
    assert pipeline.record.attributes["code.file.path"].endswith("redact/test_log_record.py")
    assert "code.line.number" in pipeline.record.attributes


def test_a_structured_body_keeps_its_event(pipeline: Pipeline):
    """A structlog event, as a mapping or rendered to JSON, leaves as its text, its fields typed."""
    for renderer in (structlog.processors.JSONRenderer(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter):
        structlog.configure(processors=[renderer], logger_factory=structlog.stdlib.LoggerFactory())
        log = structlog.get_logger(__name__)
        log.warning("note_saved", client=SECRET, workspace_id=UUID)
        structlog.reset_defaults()
    records = [found.log_record for found in pipeline.exporter.get_finished_logs()]
    assert [record.body for record in records] == ["note_saved", "note_saved"]
    assert all(record.attributes["workspace_id"] == UUID for record in records)
    assert SECRET not in pipeline.wire


def test_a_record_handled_elsewhere_keeps_its_template(pipeline: Pipeline):
    """A record that a queue carries to another handler, copied, still knows its template."""
    kept: list[logging.LogRecord] = []
    catcher = logging.Handler()
    catcher.emit = kept.append  # type: ignore[method-assign]
    pipeline.logger.removeHandler(pipeline.handler)
    pipeline.logger.addHandler(catcher)
    pipeline.logger.warning("queued for %s", SECRET)
    pipeline.logger.removeHandler(catcher)
    pipeline.handler.handle(copy.copy(kept[0]))
    assert pipeline.record.body == "queued for %s"


def test_the_logs_api_is_guarded(pipeline: Pipeline):
    """A record emitted by the OpenTelemetry API is judged like any other."""
    logger = pipeline.provider.get_logger(SECRET, SECRET)
    logger.emit(
        LogRecord(
            body={"event": "saved", "note": {SECRET: [SECRET]}},
            attributes={SECRET: SECRET, "workspace.id": UUID},
            event_name=SECRET,
            severity_text=SECRET,
            severity_number=SeverityNumber.INFO,
        )
    )
    assert pipeline.record.body == "saved"
    assert pipeline.record.attributes == {"workspace.id": UUID}
    assert pipeline.record.severity_text is None
    assert pipeline.record.severity_number is SeverityNumber.INFO
    assert SECRET not in pipeline.wire


@pytest.mark.parametrize("body", [SECRET.encode(), [SECRET], 305123456, {"a": {"b": SECRET}}, '{"event": 1}', "{"])
def test_other_bodies_do_not_leave(pipeline: Pipeline, body: Any):
    """Bytes, lists, numbers and mappings without an event leave as the placeholder, or as nothing."""
    pipeline.provider.get_logger(__name__).emit(LogRecord(body=body))
    assert pipeline.record.body in ("", text.PLACEHOLDER)
    assert SECRET not in pipeline.wire


def test_the_sdks_own_lines_are_guarded(pipeline: Pipeline, caplog: pytest.LogCaptureFixture):
    """What OpenTelemetry logs of its input is a template with its values taken out, in every handler."""
    own = logging.getLogger("opentelemetry.baggage.propagation")
    own.warning("Invalid baggage entry: `%s`", SECRET)
    own.warning(f"Invalid {SECRET}")
    try:
        raise ValueError(SECRET)
    except ValueError:
        own.exception("Export failed for %s", ValueError(SECRET))
    assert "Invalid baggage entry: `<redacted>`" in caplog.text
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


def test_an_own_line_that_quotes_an_exception_is_written(pipeline: Pipeline, caplog: pytest.LogCaptureFixture):
    """Where the exception's message is known, the line has it in place of its field, and still takes its arguments."""
    own = logging.getLogger("opentelemetry.sdk.resources")
    try:
        _, _ = SECRET.split("=")
    except ValueError as error:
        own.warning("Invalid pair %s: %s", SECRET, error)
    assert "Invalid pair <redacted>: not enough values to unpack" in caplog.text
    assert SECRET not in caplog.text


RANDOM = (0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7)
PHONE = 305123456


@pytest.mark.parametrize(
    "chosen",
    [
        {"trace_id": PHONE},
        {"span_id": PHONE},
        {"trace_id": PHONE << 92, "span_id": PHONE << 28},
        {"trace_id": "305123456"},
        {"trace_id": int("305123456" * 3, 16), "span_id": int("305123456", 16)},
    ],
)
def test_ids_that_an_application_picks_do_not_leave(pipeline: Pipeline, chosen: dict[str, Any]):
    """A number in the place of a trace or span id gives way to the ids of the span that the record was made in."""
    span = NonRecordingSpan(SpanContext(*RANDOM, is_remote=False, trace_flags=TraceFlags(PHONE)))
    made_in = set_span_in_context(span)
    logger = pipeline.provider.get_logger(__name__)
    logger.emit(LogRecord(body="note saved", context=made_in, **chosen))
    record = pipeline.record
    assert (record.trace_id, record.span_id, record.trace_flags) == (*RANDOM, PHONE & 3)


def test_ids_of_another_span_leave(pipeline: Pipeline):
    """A record that is emitted later, elsewhere, may say which span it belongs to; of the flags, two leave."""
    trace_id, span_id = RANDOM
    logger = pipeline.provider.get_logger(__name__)
    logger.emit(LogRecord(body="note saved", trace_id=trace_id, span_id=span_id, trace_flags=TraceFlags(PHONE | 1)))
    record = pipeline.record
    assert (record.trace_id, record.span_id, record.trace_flags) == (*RANDOM, PHONE & 3 | 1)


def test_times_leave_to_the_microsecond(pipeline: Pipeline):
    """Nine digits behind the point of a time are as good as a telephone number."""
    now = time.time_ns() // 10**9 * 10**9 + PHONE
    pipeline.provider.get_logger(__name__).emit(LogRecord(body="note saved", timestamp=now, observed_timestamp=now))
    assert pipeline.record.timestamp == pipeline.record.observed_timestamp == now - 456


def test_a_record_of_an_error_says_what_the_error_may(pipeline: Pipeline) -> None:
    """An error that nobody handled is written without `logging`, its message as body; another text is another."""
    api = pipeline.provider.get_logger(__name__)
    try:
        raise OSError(f"no line to {SECRET}")
    except OSError as error:
        caught = error
    api.emit(LogRecord(body=str(caught), event_name="OSError", exception=caught))
    api.emit(LogRecord(body=f"{caught}", exception=ValueError(SECRET)))
    told, other = (item.log_record for item in pipeline.exporter.get_finished_logs())
    assert told.body == told.attributes["exception.message"] == "no line to {SECRET}"
    assert "OSError: no line to {SECRET}" in told.attributes["exception.stacktrace"]
    assert other.attributes["exception.type"] == "ValueError"
    assert SECRET not in pipeline.wire


def test_a_body_that_compares_with_nothing_is_kept_back_alone(pipeline: Pipeline) -> None:
    """An array compares item by item and has no truth value: the rest of an error's record leaves all the same."""

    class Column:
        def __eq__(self, other: object) -> bool:
            raise ValueError(SECRET)

        __hash__ = object.__hash__

    body: Any = Column()
    pipeline.provider.get_logger(__name__).emit(LogRecord(body=body, exception=OSError(SECRET)))
    assert pipeline.record.body == text.PLACEHOLDER
    assert pipeline.record.attributes["exception.type"] == "OSError"
