"""Whatever writes on a span or a resource, wherever it stands: nothing of it leaves."""

from __future__ import annotations

import linecache
import time
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource, ResourceDetector, get_aggregated_resources
from opentelemetry.sdk.trace import ConcurrentMultiSpanProcessor, Event, ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace.status import Status, StatusCode

from tests.unit.otel.writing import NAME, WORKSPACE, MetricSink, guard_process, in_place

if TYPE_CHECKING:
    from collections.abc import Callable

STATE = trace.TraceState([("v", "Dvora-305123456")])


@pytest.fixture(autouse=True)
def _guarded() -> None:
    guard_process()


def _rebuilt(span: ReadableSpan, **changed: Any) -> ReadableSpan:
    fields = ("name", "context", "parent", "resource", "attributes", "events", "links", "kind", "status")
    times = ("start_time", "end_time", "instrumentation_scope")
    return ReadableSpan(**{**{name: getattr(span, name) for name in (*fields, *times)}, **changed})


SPAN_WRITERS = {
    **{
        f"span.{field}": in_place(lambda span, field=field, value=value: setattr(span, field, value))
        for field, value in (
            ("_name", NAME),
            ("name", NAME),
            ("_attributes", {"client.name": NAME, "url.path": f"/{NAME}"}),
            ("_events", (Event(NAME, {"exception.message": NAME}),)),
            ("_links", (trace.Link(trace.INVALID_SPAN_CONTEXT, {"x": NAME}),)),
            ("_status", Status(StatusCode.ERROR, NAME)),
            ("_resource", Resource({"service.name": NAME})),
            ("_instrumentation_scope", InstrumentationScope(NAME)),
            (
                "_context",
                trace.SpanContext(1, 2, is_remote=False, trace_flags=trace.TraceFlags(1), trace_state=STATE),
            ),
            (
                "_parent",
                trace.SpanContext(1, 2, is_remote=False, trace_flags=trace.TraceFlags(1), trace_state=STATE),
            ),
        )
    },
    "the namespace": in_place(lambda span: vars(span).update(_name=NAME, _attributes={"client.name": NAME})),
    "attributes": in_place(lambda span: span._attributes.__setitem__("client.name", NAME)),
    "attributes.update": in_place(lambda span: span._attributes.update({"client.name": NAME})),
    "attributes._dict": in_place(lambda span: span._attributes._dict.update({"client.name": NAME})),
    "attributes._dict.set": in_place(lambda span: setattr(span._attributes, "_dict", {"client.name": NAME})),
    "events.append": in_place(lambda span: span._events.append(Event(NAME))),
    "event._name": in_place(lambda span: setattr(span.events[0], "_name", NAME)),
    "event._attributes": in_place(lambda span: setattr(span.events[0], "_attributes", {"exception.message": NAME})),
    "event.attributes": in_place(lambda span: span.events[0].attributes.__setitem__("exception.message", NAME)),
    "link._attributes": in_place(lambda span: setattr(span.links[0], "_attributes", {"x": NAME})),
    "link.attributes": in_place(lambda span: span.links[0].attributes.__setitem__("x", NAME)),
    "status._description": in_place(lambda span: setattr(span.status, "_description", NAME)),
    "resource._attributes": in_place(lambda span: setattr(span.resource, "_attributes", {"service.name": NAME})),
    "resource.attributes": in_place(lambda span: span.resource.attributes.__setitem__("service.name", NAME)),
    "scope._name": in_place(lambda span: setattr(span.instrumentation_scope, "_name", NAME)),
    "scope._attributes": in_place(lambda span: setattr(span.instrumentation_scope, "_attributes", {"x": NAME})),
    "a new span with attributes": lambda span: _rebuilt(span, attributes={**span.attributes, "client.name": NAME}),
    "a new span with a name": lambda span: _rebuilt(span, name=NAME),
    "a new span with a resource": lambda span: _rebuilt(span, resource=Resource({"service.name": NAME})),
    "a new span with events": lambda span: _rebuilt(span, events=(Event(NAME, {"note": NAME}),)),
    "a new span with a status": lambda span: _rebuilt(span, status=Status(StatusCode.ERROR, NAME)),
}


class _Writing(SpanProcessor):
    def __init__(self, write: Callable[[Any], Any], inner: SpanProcessor | None = None) -> None:
        self.write, self.inner = write, inner

    def on_end(self, span: ReadableSpan) -> None:
        written = self.write(span)
        if self.inner is not None:
            self.inner.on_end(written)

    def _on_ending(self, span: Any) -> None:
        self.write(span)

    def shutdown(self) -> None:
        if self.inner is not None:
            self.inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.inner is None or self.inner.force_flush(timeout_millis)


class _WritingExporter(SpanExporter):
    def __init__(self, write: Callable[[Any], Any], inner: SpanExporter) -> None:
        self.write, self.inner = write, inner

    def export(self, spans: Any) -> Any:
        return self.inner.export([self.write(span) for span in spans])


def _before(write: Any, exporter: Any) -> list[SpanProcessor]:
    return [_Writing(write), SimpleSpanProcessor(exporter)]


def _after(write: Any, exporter: Any) -> list[SpanProcessor]:
    return [BatchSpanProcessor(exporter), _Writing(write)]


def _around(write: Any, exporter: Any) -> list[SpanProcessor]:
    return [_Writing(write, BatchSpanProcessor(exporter))]


def _in_the_exporter(write: Any, exporter: Any) -> list[SpanProcessor]:
    return [BatchSpanProcessor(_WritingExporter(write, exporter))]


@pytest.mark.parametrize("place", [_before, _after, _around, _in_the_exporter], ids=lambda place: place.__name__)
@pytest.mark.parametrize("write", SPAN_WRITERS.values(), ids=SPAN_WRITERS)
def test_nothing_that_is_written_on_a_span_leaves(write: Any, place: Any) -> None:
    """A processor or exporter's wrapper that writes on a span, before or after the exporter, writes nothing out."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    for processor in place(write, exporter):
        provider.add_span_processor(processor)
    link = trace.Link(trace.SpanContext(1, 2, is_remote=False), {"workspace.id": WORKSPACE})
    with provider.get_tracer("tests").start_as_current_span("read note", links=[link]) as span:
        span.set_attribute("workspace.id", WORKSPACE)
        span.add_event("note opened", {"workspace.id": WORKSPACE})
    provider.force_flush()
    finished = exporter.get_finished_spans()
    assert finished
    assert b"305123456" not in encode_spans(finished).SerializeToString()
    assert "305123456" not in "".join(span.to_json() for span in finished)
    # Were a written item shared, the next span would carry it.
    with provider.get_tracer("tests").start_as_current_span("read note"):
        pass
    # Its thread would export during another test.
    provider.shutdown()
    assert b"305123456" not in encode_spans(exporter.get_finished_spans()).SerializeToString()


def test_a_processor_that_keeps_to_the_policy_is_heard() -> None:
    """What a processor sets on a span that starts leaves, if the policy names it."""

    class Enriching(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            span.set_attribute("workspace.id", WORKSPACE)
            span.set_attribute("client.name", NAME)
            span.update_name(NAME)

    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Enriching())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("tests").start_span("read note").end()
    [span] = exporter.get_finished_spans()
    assert dict(span.attributes) == {"workspace.id": WORKSPACE}
    assert "305123456" not in span.to_json()


def test_a_recorded_exception_reads_no_source_lines() -> None:
    """It leaves with type, message, stack trace, time and its own attributes, and no file stays in memory for it."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    linecache.clearcache()
    at = time.time_ns() // 1000 * 1000
    with provider.get_tracer("tests").start_as_current_span("read note") as span:
        try:
            raise LookupError("no such note")
        except LookupError as error:
            span.record_exception(error, {"workspace.id": WORKSPACE}, timestamp=at, escaped=True)
    assert __file__ not in linecache.cache
    [event] = exporter.get_finished_spans()[0].events
    assert (event.name, event.timestamp) == ("exception", at)
    told = dict(event.attributes or {})
    assert "test_writers.py" in str(told.pop("exception.stacktrace"))
    assert told == {
        "exception.type": "LookupError",
        "exception.message": "no such note",
        "exception.escaped": "True",
        "workspace.id": WORKSPACE,
    }


def test_an_exception_is_one_event_of_a_span() -> None:
    """What a middleware records and the span's block records again is one event; a parent span has its own."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")

    def read_note() -> None:
        with tracer.start_as_current_span("ward"), tracer.start_as_current_span("read note") as span:
            try:
                raise LookupError("no such note")
            except LookupError as error:
                span.record_exception(error)
                span.record_exception(LookupError("another"))
                raise

    with pytest.raises(LookupError):
        read_note()
    read, ward = exporter.get_finished_spans()
    assert [(event.attributes or {})["exception.message"] for event in read.events] == ["no such note", "another"]
    assert len(ward.events) == 1


def test_a_samplers_attributes_are_judged() -> None:
    """What a sampler adds, attributes and trace state, is judged like the application's."""

    class Adding(Sampler):
        def should_sample(self, *_: Any, **__: Any) -> SamplingResult:
            state = trace.TraceState([("clinic", "Dvora-305123456")])
            return SamplingResult(Decision.RECORD_AND_SAMPLE, {"client.name": NAME}, state)

        def get_description(self) -> str:
            return "adding"

    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=Adding(), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("tests").start_span("read note").end()
    assert b"305123456" not in encode_spans(exporter.get_finished_spans()).SerializeToString()


def test_processors_in_threads_are_guarded() -> None:
    """The concurrent multi-processor's leaves have guards of their own, too."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(active_span_processor=ConcurrentMultiSpanProcessor(2), shutdown_on_exit=False)
    provider.add_span_processor(_Writing(SPAN_WRITERS["span._attributes"]))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("tests").start_span(NAME, attributes={"client.name": NAME}).end()
    assert b"305123456" not in encode_spans(exporter.get_finished_spans()).SerializeToString()


class _Detecting(ResourceDetector):
    def detect(self) -> Resource:
        return Resource({"service.name": NAME, "client.name": NAME, "host.name": NAME}, schema_url=f"http://x/{NAME}")


def test_nothing_that_a_resource_detector_finds_leaves() -> None:
    """What a detector puts into the resource is judged on spans, log records and metrics."""
    resource = get_aggregated_resources([_Detecting()])
    spans, logs, metrics = InMemorySpanExporter(), InMemoryLogRecordExporter(), MetricSink()
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    tracers.get_tracer("tests").start_span("note").end()
    loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    loggers.get_logger("tests").emit(LogRecord(body="note opened"))
    meters = MeterProvider(
        [PeriodicExportingMetricReader(metrics, export_interval_millis=1e9)], resource=resource, shutdown_on_exit=False
    )
    meters.get_meter("tests").create_counter("appointments.created").add(1, {"workspace.id": WORKSPACE})
    meters.shutdown()
    assert metrics.sent
    sent = encode_spans(spans.get_finished_spans()), encode_logs(logs.get_finished_logs())
    assert b"305123456" not in b"".join(message.SerializeToString() for message in sent) + metrics.sent
