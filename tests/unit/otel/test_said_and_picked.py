"""What the program says by itself proves that statement, and not another where data picks the same text."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import pickle
import threading
import traceback
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, Status, StatusCode

from pazpaz_otel import patches
from pazpaz_otel.integrations import stdlib_logging
from pazpaz_otel.logging import GuardedFormatter
from pazpaz_otel.otel import text_writers
from pazpaz_otel.redact import log_templates, text
from pazpaz_otel.redact.logger_names import logger_name
from tests.unit.otel.writing import guard_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIAGNOSES = {"e11": "seen for sugar disease", "i10": "seen for high pressure"}


class Program:
    """A program that is watched on every surface."""

    def __init__(self) -> None:
        self.spans, self.logs, self.printed = InMemorySpanExporter(), InMemoryLogRecordExporter(), io.StringIO()
        traces, records = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
        traces.add_span_processor(SimpleSpanProcessor(self.spans))
        records.add_log_record_processor(SimpleLogRecordProcessor(self.logs))
        self.tracer, self.emitter = traces.get_tracer(__name__), records.get_logger(__name__)
        self.log = logging.getLogger(__name__)
        stream = logging.StreamHandler(self.printed)
        stream.setFormatter(GuardedFormatter())
        self.handlers = LoggingHandler(logger_provider=records), stream
        for handler in self.handlers:
            self.log.addHandler(handler)
        self.log.setLevel(logging.INFO)

    @property
    def sent(self) -> str:
        spans, logs = self.spans.get_finished_spans(), self.logs.get_finished_logs()
        return f"{encode_spans(spans)}{encode_logs(logs)}{self.printed.getvalue()}"


@pytest.fixture
def program() -> Iterator[Program]:
    """A program with the guards, before which nothing was said."""
    with patches.restored():
        guard_process()
        log_templates.install()
        stdlib_logging.tolerate_logging_errors(lean=False)
        made = Program()
        yield made
        for handler in made.handlers:
            made.log.removeHandler(handler)


def say(program: Program) -> None:
    """Say both texts as the program itself, on each surface."""
    program.log.info("seen for sugar disease")
    program.log.info("seen for high pressure")
    with program.tracer.start_as_current_span("seen for sugar disease") as span:
        span.add_event("seen for sugar disease", {"exception.message": "seen for sugar disease"})
        span.set_status(StatusCode.ERROR, "seen for sugar disease")
        span.set_attribute("messaging.destination.name", "seen for sugar disease")
        span.set_attributes({"rpc.method": "seen for sugar disease", "error.message": "seen for sugar disease"})
    with contextlib.suppress(ValueError), program.tracer.start_as_current_span("seen for high pressure"):
        raise ValueError("seen for sugar disease")


def say_elsewhere() -> None:
    """Say a text as another tracer's span, which nobody exports."""
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("seen for sugar disease"):
        pass


def logged(program: Program, code: str) -> None:
    program.log.warning(DIAGNOSES[code])


def logged_exception(program: Program, code: str) -> None:
    program.log.warning(ValueError(DIAGNOSES[code]))


def rewritten(program: Program, code: str) -> None:
    """Let a filter replace what the statement said."""

    def replace(record: logging.LogRecord) -> bool:
        record.msg = DIAGNOSES[code]
        return True

    program.log.addFilter(replace)
    program.log.warning("the visit was saved")
    program.log.removeFilter(replace)


def emitted(program: Program, code: str) -> None:
    program.emitter.emit(LogRecord(body=DIAGNOSES[code]))


def emitted_event(program: Program, code: str) -> None:
    program.emitter.emit(LogRecord(body="the visit was saved", event_name=DIAGNOSES[code]))


def raised(program: Program, code: str) -> None:
    try:
        raise ValueError(DIAGNOSES[code])
    except ValueError:
        program.log.exception("the visit wasn't saved")


def escaped(program: Program, code: str) -> None:
    with contextlib.suppress(ValueError), program.tracer.start_as_current_span("visit"):
        raise ValueError(DIAGNOSES[code])


def quoted(program: Program, code: str) -> None:
    try:
        raise ValueError(DIAGNOSES[code])
    except ValueError as error:
        program.log.error("not saved: %s", error)


def span(program: Program, code: str) -> None:
    program.tracer.start_span(DIAGNOSES[code]).end()


def current_span(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span(DIAGNOSES[code]):
        pass


def renamed(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        running.update_name(DIAGNOSES[code])


def event(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        running.add_event(DIAGNOSES[code])


def status(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        running.set_status(StatusCode.ERROR, DIAGNOSES[code])


def status_object(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        running.set_status(Status(StatusCode.ERROR, DIAGNOSES[code]))


def copied(program: Program, code: str) -> None:
    """Write on one span what another was refused."""
    with program.tracer.start_as_current_span(DIAGNOSES[code]) as running:
        inner: Any = running
        program.tracer.start_span(inner.name).end()


def begun_with(program: Program, code: str) -> None:
    program.tracer.start_span("visit", attributes={"messaging.destination.name": DIAGNOSES[code]}).end()


def attribute(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        running.set_attribute("messaging.destination.name", DIAGNOSES[code])
        running.set_attribute("error.message", DIAGNOSES[code])
        running.set_attribute("aws.dynamodb.table_names", ["visits", DIAGNOSES[code]])


def attributes(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        running.set_attributes(MappingProxyType({"rpc.method": DIAGNOSES[code], "job.name": DIAGNOSES[code]}))


def cut_attribute(program: Program, code: str) -> None:
    """Write what the SDK cuts to the very text that was said."""
    limits = SpanLimits(max_attribute_length=len(DIAGNOSES[code]))
    traces = TracerProvider(shutdown_on_exit=False, span_limits=limits)
    traces.add_span_processor(SimpleSpanProcessor(program.spans))
    with traces.get_tracer(__name__).start_as_current_span("visit") as running:
        running.set_attribute("messaging.destination.name", f"{DIAGNOSES[code]} and more")


def attribute_of_event(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        running.add_event("exception", {"exception.message": DIAGNOSES[code], "job.name": DIAGNOSES[code]})
        running.record_exception(KeyError(), attributes={"exception.message": DIAGNOSES[code]})


def attribute_of_link(program: Program, code: str) -> None:
    with program.tracer.start_as_current_span("visit") as running:
        link = Link(running.get_span_context(), {"messaging.destination.name": DIAGNOSES[code]})
        program.tracer.start_span("visit", links=[link]).end()
        running.add_link(link.context, {"job.name": DIAGNOSES[code]})


def sampled(program: Program, code: str) -> None:
    """Let a sampler write the name that it is asked about."""

    class Naming(Sampler):
        def should_sample(self, *args: Any, **_: Any) -> SamplingResult:
            return SamplingResult(Decision.RECORD_AND_SAMPLE, {"job.name": args[2]})

        def get_description(self) -> str:
            return "naming"

    traces = TracerProvider(shutdown_on_exit=False, sampler=Naming())
    traces.add_span_processor(SimpleSpanProcessor(program.spans))
    with traces.get_tracer(__name__).start_as_current_span(DIAGNOSES[code]):
        traces.get_tracer(__name__).start_span(DIAGNOSES[code]).end()


def record_copied(program: Program, code: str) -> None:
    """Hand the handlers a record that was made of another."""

    def copy_record(record: logging.LogRecord) -> bool:
        for made in (copy.deepcopy(record), logging.makeLogRecord(vars(record)), pickle.loads(pickle.dumps(record))):
            for handler in program.handlers:
                handler.handle(made)
        return False

    program.log.addFilter(copy_record)
    program.log.warning(DIAGNOSES[code])
    program.log.removeFilter(copy_record)


def traced(program: Program, code: str) -> None:
    """Log the trace of an exception that doesn't end with its message."""
    try:
        raise ValueError(DIAGNOSES[code])
    except ValueError as error:
        error.add_note("the visit wasn't saved")
        program.log.error("not saved: %s", traceback.format_exc())
        program.log.error(traceback.format_exc())


def complained(program: Program, code: str) -> None:
    """Let the SDK quote a description in a line of its own."""
    sdk, plain = logging.getLogger("opentelemetry"), logging.StreamHandler(program.printed)
    sdk.addHandler(plain)
    meter = MeterProvider(shutdown_on_exit=False).get_meter(__name__)
    for bound in (1, 2):
        meter.create_histogram("visits", "s", DIAGNOSES[code], explicit_bucket_boundaries_advisory=[bound])
    sdk.removeHandler(plain)


def grouped(program: Program, code: str) -> None:
    """Raise a group of exceptions that were never raised, from another."""
    try:
        try:
            raise KeyError(DIAGNOSES[code])
        except KeyError as error:
            raise ExceptionGroup(DIAGNOSES[code], [ValueError(DIAGNOSES[code])]) from error
    except ExceptionGroup as group:
        group.add_note(DIAGNOSES[code])
        program.log.exception("the visit wasn't saved")
        with program.tracer.start_as_current_span("visit") as running:
            running.record_exception(group)


def carried(program: Program, code: str) -> None:
    """Log an exception that came pickled, as from a pool of processes."""
    error = pickle.loads(pickle.dumps(ValueError(DIAGNOSES[code])))
    program.log.error("not saved: %s", error)
    program.log.error("the visit wasn't saved", exc_info=error)


def adapted(program: Program, code: str) -> None:
    logging.LoggerAdapter(program.log, {}).warning(DIAGNOSES[code])
    program.log.warning("the visit was saved", extra={"reason": DIAGNOSES[code], "job.name": DIAGNOSES[code]})


def decorated(program: Program, code: str) -> None:
    @program.tracer.start_as_current_span(DIAGNOSES[code])
    def visit() -> None:
        program.tracer.start_span("visit").end()

    visit()


WAYS = [
    logged, logged_exception, rewritten, emitted, emitted_event, raised, escaped, quoted,
    span, current_span, renamed, event, status, status_object, copied, begun_with, attribute, attributes,
    cut_attribute, attribute_of_event, attribute_of_link, sampled, record_copied, traced, complained, grouped, carried,
    adapted, decorated,
]  # fmt: skip


def code() -> str:
    """Return a code that comes from data."""
    return bytes.fromhex("653131").decode()


@pytest.mark.parametrize("pick", WAYS)
def test_what_was_said_first_stays_where_data_picks_it(program: Program, pick: Callable[[Program, str], None]) -> None:
    """The same text leaves from its own statement, before and after."""
    say(program)
    said = program.sent
    assert said.count("seen for sugar disease") >= 9
    program.spans.clear()
    program.logs.clear()
    program.printed.truncate(0)
    pick(program, code())
    assert "sugar" not in program.sent
    program.spans.clear()
    say(program)
    assert "sugar" in program.sent


@pytest.mark.parametrize("pick", WAYS)
def test_what_is_said_in_between_stays_where_data_picked_it(
    program: Program, pick: Callable[[Program, str], None]
) -> None:
    """The text is said by another thread while the span that data named is running."""
    with program.tracer.start_as_current_span("visit"):
        pick(program, code())
        saying = threading.Thread(target=say_elsewhere)
        saying.start()
        saying.join()
        pick(program, code())
    assert "sugar" not in program.sent


def test_what_is_said_while_the_span_runs_stays(program: Program) -> None:
    """A span keeps what its own statement was refused, until it ends."""
    running = program.tracer.start_span(DIAGNOSES[code()])
    running.add_event(DIAGNOSES[code()])
    running.set_status(StatusCode.ERROR, DIAGNOSES[code()])
    text.remember(text.Kept(DIAGNOSES[code()]))
    running.end()
    assert "sugar" not in program.sent


def test_what_was_said_names_no_logger_scope_or_job(program: Program) -> None:
    """A text of a log line isn't a name, though data asks for a logger, a scope and a job of that name."""
    program.log.info("swollen_ankle")
    word = bytes.fromhex("73776f6c6c656e5f616e6b6c65").decode()
    assert word in program.sent
    program.logs.clear()
    program.printed.truncate(0)
    named = logging.getLogger(word)
    for handler in program.handlers:
        named.addHandler(handler)
    named.warning("the visit ends")
    traces = TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(SimpleSpanProcessor(program.spans))
    traces.get_tracer(word, word).start_span("visit").end()
    program.tracer.start_span(f"process {word}").end()
    assert word not in program.sent
    assert logger_name(logging.getLogger("swollen_knee").name) == "swollen_knee"


def test_a_name_leaves_where_it_is_used_later(program: Program) -> None:
    """A decorator and a `with` name their span before it starts."""

    @program.tracer.start_as_current_span("yearly check of the files")
    def check() -> None:
        pass

    def enter(span: Any) -> None:
        with span:
            pass

    check()
    enter(program.tracer.start_as_current_span("monthly check of the files"))
    assert [span.name for span in program.spans.get_finished_spans()] == [
        "yearly check of the files",
        "monthly check of the files",
    ]


def test_the_name_of_an_event_leaves_from_its_statement(program: Program) -> None:
    """A log record's event is named where it is emitted."""
    program.emitter.emit(LogRecord(event_name="visit.saved"))
    assert [log.log_record.event_name for log in program.logs.get_finished_logs()] == ["visit.saved"]


@pytest.mark.parametrize("pick", [span, current_span, renamed, event, status, logged])
def test_what_cannot_be_judged_stays(program: Program, pick: Callable[[Program, str], None]) -> None:
    """An error while a text is judged refuses it, though another statement has said it."""
    say(program)
    program.spans.clear()
    program.logs.clear()
    program.printed.truncate(0)
    failing = mock.Mock(side_effect=RecursionError)
    with mock.patch.object(text_writers, "Running", failing), mock.patch.object(log_templates, "Running", failing):
        pick(program, code())
    assert "sugar" not in program.sent


def test_a_refused_text_is_the_application_s_own(program: Program) -> None:
    """What the application reads back compares, prints, travels and is copied as what it wrote."""
    said = DIAGNOSES[code()]
    running: Any = program.tracer.start_span(said, attributes={"job.name": said})
    for read in (running.name, running.attributes["job.name"]):
        assert (read, hash(read), f"{read}", str(read)) == (said, hash(said), said, said)
        assert json.loads(json.dumps({read: read})) == {said: said}
        assert [pickle.loads(pickle.dumps(read, protocol)) for protocol in range(6)] == [said] * 6
        assert copy.deepcopy(read) == said
    assert json.loads(running.to_json())["name"] == said
