"""What the encoding processor queues: the bytes of guarded spans, whatever becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.context import Context
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from pazpaz_otel.otel.otlp import lean_span, shapes
from pazpaz_otel.otel.otlp.processor import OtlpSpanProcessor
from pazpaz_otel.otel.otlp.request import Frames
from pazpaz_otel.otel.processors import FillingSpanProcessor
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

ROUTE = "/clients/{client_id}"
STARTED = shapes.starting_name("GET")


class Exporter(SpanExporter):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.batches: list[Any] = []

    def export(self, spans: Any) -> SpanExportResult:
        """Keep a batch."""
        self.batches.append(list(spans))
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Do nothing."""


class Pipeline:
    """A provider with an encoding processor."""

    def __init__(self) -> None:
        evidence = Evidence()
        evidence.add_routes(lambda: [ROUTE])
        self.guard = Guard(load_policy(), evidence)
        self.exporter = Exporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.processor = OtlpSpanProcessor(self.exporter, self.guard)
        self.provider.add_span_processor(self.processor)
        self.tracer = self.provider.get_tracer(__name__)

    def sent(self) -> list[Any]:
        """The spans that left, decoded."""
        self.provider.force_flush()
        items = [item for batch in self.exporter.batches for item in batch]
        request = ExportTraceServiceRequest.FromString(Frames().body(items).SerializePartialToString())
        return [span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]


@pytest.fixture
def pipeline() -> Any:
    made = Pipeline()
    yield made
    made.provider.shutdown()


def shape_of(guard: Guard) -> shapes.Shape:
    attributes = {"http.request.method": "GET", "http.route": ROUTE, "server.address": "mizrahi.example"}
    return shapes.Shape(guard, STARTED, f"GET {ROUTE}", SpanKind.SERVER, attributes)


def test_a_span_without_a_shape_is_guarded(pipeline: Pipeline):
    """What the policy doesn't name isn't in the bytes, and the span says how many attributes were dropped."""
    patient = str(b"Dvora", "ascii")
    span = pipeline.tracer.start_span(patient, attributes={"note": patient, "http.request.method": "GET"})
    span.end()
    (sent,) = pipeline.sent()
    assert b"Dvora" not in sent.SerializeToString()
    assert (sent.name, sent.dropped_attributes_count) == ("GET", 1)


def test_a_span_has_its_shapes_attributes(pipeline: Pipeline):
    """Name and attributes are the shape's, guarded; what the guard dropped of it is counted on each span."""
    span = pipeline.tracer.start_span(STARTED, kind=SpanKind.SERVER)
    shapes.end(span, shape_of(pipeline.guard), {"client.port": 7, "client.address": "203.0.113.7"})
    (sent,) = pipeline.sent()
    assert {one.key for one in sent.attributes} == {"http.request.method", "http.route", "client.port"}
    assert (sent.name, sent.dropped_attributes_count) == (f"GET {ROUTE}", 2)


@pytest.mark.parametrize("is_lean", [True, False])
def test_a_span_with_a_shape_has_no_trace_state(pipeline: Pipeline, is_lean: bool):
    """What a span inherits from a context that the application made stays, and is counted."""
    state = TraceState([("clinic", str(b"dvora", "ascii"))])
    parent = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)
    context = set_span_in_context(NonRecordingSpan(parent))
    before = drops.snapshot().get(("trace_state", "unlisted_key"), 0)
    if is_lean:
        span = lean_span.start(pipeline.tracer, STARTED, context, SpanKind.SERVER, parent)
    else:
        span = pipeline.tracer.start_span(STARTED, context, kind=SpanKind.SERVER)
    shapes.end(span, shape_of(pipeline.guard))
    (sent,) = pipeline.sent()
    assert (sent.parent_span_id, sent.trace_state) == ((2).to_bytes(8, "big"), "")
    assert drops.snapshot().get(("trace_state", "unlisted_key"), 0) > before


def test_a_shape_is_used_once(pipeline: Pipeline):
    """The shape of a span that has ended says nothing of another, even where the SDK raises while it ends."""
    span = pipeline.tracer.start_span(STARTED, kind=SpanKind.SERVER)
    shapes.end(span, shape_of(pipeline.guard))
    assert isinstance(span, ReadableSpan)
    assert shapes.of(span) is None


def test_a_guard_that_fails_lets_nothing_out(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    """A span that can't be guarded is dropped and counted."""

    def fail(*_: Any) -> Any:
        raise RuntimeError("Dvora")

    monkeypatch.setattr(pipeline.guard, "resource", fail)
    before = drops.snapshot().get(("span", "guard_failed"), 0)
    pipeline.tracer.start_span("GET").end()
    assert pipeline.sent() == []
    assert drops.snapshot()["span", "guard_failed"] == before + 1


def test_nothing_leaves_a_closed_guard(pipeline: Pipeline):
    """While the guard is closed, spans are dropped and counted."""
    pipeline.guard.closed = True
    before = drops.snapshot().get(("span", "unguarded"), 0)
    pipeline.tracer.start_span("GET").end()
    assert pipeline.sent() == []
    assert drops.snapshot()["span", "unguarded"] == before + 1


def test_shapes_are_for_processors_that_know_them(pipeline: Pipeline):
    """With another processor beside it, or a sampler that may look at attributes, spans carry their attributes."""
    assert shapes.are_known_to(pipeline.tracer)
    pipeline.provider.add_span_processor(OtlpSpanProcessor(Exporter(), pipeline.guard))
    assert shapes.are_known_to(pipeline.tracer)
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    pipeline.provider.add_span_processor(SimpleSpanProcessor(Exporter()))
    assert not shapes.are_known_to(pipeline.tracer)


@pytest.mark.parametrize("most", [0, 3])
def test_a_limit_of_attributes_leaves_no_shape(pipeline: Pipeline, most: int):
    """Spans that may carry few attributes, or none, are those of the SDK."""
    limited = TracerProvider(shutdown_on_exit=False, span_limits=SpanLimits(max_span_attributes=most))
    limited.add_span_processor(pipeline.processor)
    assert not shapes.are_known_to(limited.get_tracer(__name__))


def test_a_processor_of_ours_gets_the_attributes_of_shapes(pipeline: Pipeline):
    """A processor that keeps spans to itself sees what a span's shape has, guarded, and what the application added."""
    kept: list[ReadableSpan] = []

    class Keeping(SpanProcessor):
        guards_itself = True
        kinds = (SpanKind.SERVER,)

        def keep(self, made: Callable[[], ReadableSpan]) -> None:
            kept.append(made())

    pipeline.provider.add_span_processor(FillingSpanProcessor(Keeping()))
    assert shapes.are_known_to(pipeline.tracer)
    for kind in (SpanKind.SERVER, SpanKind.CLIENT):
        span = lean_span.start(pipeline.tracer, STARTED, Context(), kind, None)
        span.set_attribute("workspace.id", "6f3c1f04-9a0e-4c43-8f5b-0f6a9f8f4f55")
        shapes.end(span, shape_of(pipeline.guard))
    (span,) = kept
    assert span.name == f"GET {ROUTE}"
    assert set(span.attributes or {}) == {"http.request.method", "http.route", "workspace.id"}


def test_keeping_a_span_leaves_it_bare(pipeline: Pipeline):
    """A span that is kept and never looked at has no attributes and events made for it."""
    kept: list[Callable[[], ReadableSpan]] = []

    class Keeping(SpanProcessor):
        keep = staticmethod(kept.append)

    pipeline.provider.add_span_processor(FillingSpanProcessor(Keeping()))
    span = lean_span.start(pipeline.tracer, STARTED, Context(), SpanKind.SERVER, None)
    shapes.end(span, shape_of(pipeline.guard))
    assert isinstance(span, lean_span.LeanSpan)
    assert span.is_bare
    assert [made().name for made in kept] == [f"GET {ROUTE}"]
