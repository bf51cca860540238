"""Spans through the real SDK: every surface rebuilt, identity and links unchanged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.span import TraceState

from pazpaz_otel.otel.processors import RedactingSpanProcessor
from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.span import SpanGuard

if TYPE_CHECKING:
    from pazpaz_otel.redact.guards import Guard

SECRET = "Dvora-Mizrahi-7731"
UUID = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"


class Pipeline:
    """A provider whose only processor is behind the guard."""

    def __init__(self, guard: Guard, resource: Resource | None = None) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self.provider.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(self.exporter), guard))

    @property
    def span(self) -> ReadableSpan:
        [span] = self.exporter.get_finished_spans()
        return span

    @property
    def wire(self) -> str:
        return str(encode_spans(self.exporter.get_finished_spans()))


def remote(name: str) -> SpanContext:
    state = TraceState([("vendor", name)])
    return SpanContext(0xABC, 0xDEF, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)


def test_every_surface_at_once(guard: Guard):
    """One span with a patient's name everywhere: nothing of it is on the wire, and what is known stays."""
    pipeline = Pipeline(guard, Resource({"service.name": "clinic", "host.name": SECRET, SECRET: "x"}, SECRET))
    tracer = pipeline.provider.get_tracer(SECRET, SECRET, SECRET, {SECRET: SECRET})
    parent = trace.set_span_in_context(trace.NonRecordingSpan(remote(SECRET)))
    attributes = {"workspace.id": UUID, SECRET: 1, "client.name": SECRET, "http.request.method": "GET"}
    links = [Link(remote(SECRET), {SECRET: SECRET, "workspace.id": UUID})]
    with tracer.start_as_current_span(SECRET, parent, SpanKind.SERVER, attributes, links) as span:
        span.add_event(SECRET, {SECRET: SECRET, "workspace.id": UUID})
        span.set_status(Status(StatusCode.ERROR, SECRET))
        identity = span.get_span_context()
    clean = pipeline.span
    assert SECRET not in pipeline.wire
    assert SECRET not in clean.to_json()
    assert (clean.context.trace_id, clean.context.span_id) == (identity.trace_id, identity.span_id)
    assert (clean.parent.trace_id, clean.parent.span_id) == (0xABC, 0xDEF)
    assert clean.parent.is_remote
    assert clean.kind is SpanKind.SERVER
    assert clean.name == "GET"
    assert clean.attributes == {"workspace.id": UUID, "http.request.method": "GET"}
    assert clean.dropped_attributes == 2
    assert clean.events[0].name == text.PLACEHOLDER
    assert clean.events[0].attributes == {"workspace.id": UUID}
    assert clean.links[0].context.trace_id == 0xABC
    assert not clean.links[0].context.trace_state
    assert clean.links[0].attributes == {"workspace.id": UUID}
    assert clean.status.status_code is StatusCode.ERROR
    assert clean.status.description is None
    assert clean.resource.attributes["service.name"] == "clinic"
    assert clean.resource.attributes["pazpaz_otel.policy.digest"] == guard.policy.digest
    assert clean.instrumentation_scope.name == ""


def test_the_count_of_dropped_attributes_is_sent(guard: Guard):
    """The span carries how many attributes were dropped, never which."""
    pipeline = Pipeline(guard)
    with pipeline.provider.get_tracer(__name__).start_as_current_span("GET", attributes={SECRET: 1, "a.b": 2}):
        pass
    [span] = encode_spans([pipeline.span]).resource_spans[0].scope_spans[0].spans
    assert span.dropped_attributes_count == 2
    assert not span.attributes


def _named(target: str) -> str:
    """A query's name that stands in no source."""
    return f"SELECT {target}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GET /clients/{client_id}", "GET /clients/{client_id}"),
        ("GET /clients/dvora", "GET"),
        ("/ping", "/ping"),
        ("SELECT practice", "SELECT practice"),
        (_named("/srv/dvora/notes.db"), "SELECT notes.db"),
        (_named("dvora"), "<redacted>"),
        (f"HTTP /clients/{SECRET}", "HTTP"),
        (f"HTTPS /clients/{SECRET}", "<redacted>"),
        ("HGETALL", "HGETALL"),
        ("SET GET", "SET GET"),
        ("BackgroundTask send_" + "reminder_to_dvora", "BackgroundTask"),
        ("BackgroundTask test_a_name_is_made_of_proven_words", "BackgroundTask test_a_name_is_made_of_proven_words"),
        ("dvora_mizrahi", "<redacted>"),
        ("", "<redacted>"),
    ],
)
def test_a_name_is_made_of_proven_words(guard: Guard, name: str, expected: str):
    """Methods, routes, operations, databases and commands make a name; a word by its shape doesn't."""
    pipeline = Pipeline(guard)
    pipeline.provider.get_tracer(__name__).start_span(name).end()
    assert pipeline.span.name == expected


def test_a_status_keeps_its_type_and_proven_message(guard: Guard):
    """The SDK's `Type: message` leaves as far as it is proven."""
    pipeline = Pipeline(guard)
    with (
        pytest.raises(ValueError, match=SECRET),
        pipeline.provider.get_tracer(__name__).start_as_current_span("GET"),
    ):
        raise ValueError(SECRET)
    assert pipeline.span.status.description == "ValueError: <redacted>"
    [event] = pipeline.span.events
    assert event.attributes["exception.type"] == "ValueError"
    assert event.attributes["exception.message"] == "<redacted>"
    assert 'File "' in event.attributes["exception.stacktrace"]
    assert SECRET not in pipeline.wire


class Watcher(SpanProcessor):
    """What an application's own processor may do at a span's start."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def on_start(self, span, parent_context=None) -> None:
        assert isinstance(span, ReadableSpan)
        self.seen += [span.name, str(dict(span.attributes)), span.to_json(), str(span._attributes), str(span._name)]
        span.set_attribute("workspace.id", UUID)
        span.update_name("GET")
        self.kept = span


def test_a_processor_that_reads_at_the_start_sees_guarded_data(guard: Guard):
    """A processor may write to a span at its start and keep it; what it reads there is guarded."""
    watcher = Watcher()
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(RedactingSpanProcessor(watcher, guard))
    provider.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(exporter), guard))
    with provider.get_tracer(__name__).start_as_current_span(SECRET, attributes={"client.name": SECRET}) as span:
        span.set_attribute(SECRET, SECRET)
        assert SECRET not in str(watcher.kept.attributes)
    assert SECRET not in "".join(watcher.seen)
    [ended] = exporter.get_finished_spans()
    assert (ended.name, ended.attributes) == ("GET", {"workspace.id": UUID})


def test_a_guard_that_raises_drops_and_counts(guard: Guard, monkeypatch: pytest.MonkeyPatch):
    """A span that can't be guarded doesn't leave, is counted, and the application doesn't notice."""
    pipeline = Pipeline(guard)
    monkeypatch.setattr(guard.attributes, "clean", lambda *_: 1 / 0)
    before = drops.snapshot().get(("span", "guard_failed"), 0)
    with pipeline.provider.get_tracer(__name__).start_as_current_span("GET"):
        pass
    assert pipeline.exporter.get_finished_spans() == ()
    assert drops.snapshot()["span", "guard_failed"] == before + 1


def test_a_closed_guard_lets_nothing_through(guard: Guard):
    """With a policy that can't be used, no span leaves."""
    guard.closed = True
    pipeline = Pipeline(guard)
    pipeline.provider.get_tracer(__name__).start_span("GET").end()
    assert pipeline.exporter.get_finished_spans() == ()


SECRETS = st.text(alphabet=st.characters(categories=["L", "Nd"]), min_size=12, max_size=40).map(lambda t: f"zq{t}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(secret=SECRETS, where=st.integers(0, 6))
def test_guards_are_idempotent_and_let_no_secret_through(guard: Guard, secret: str, where: int):
    """A unique text on any surface is in no byte; a guarded span guarded again is the same span."""
    pipeline = Pipeline(guard)
    tracer = pipeline.provider.get_tracer(secret if where == 0 else __name__)
    span = tracer.start_span(secret if where == 1 else "GET", attributes={secret: 1} if where == 2 else {})
    if where == 3:
        span.add_event(secret)
    if where == 4:
        span.record_exception(ValueError(secret))
    if where == 5:
        span.set_status(Status(StatusCode.ERROR, secret))
    if where == 6:
        span.set_attribute("http.route", secret)
    span.end()
    assert secret not in pipeline.wire
    assert secret not in json.dumps(pipeline.span.to_json(), ensure_ascii=False)
    again = SpanGuard(guard).clean(pipeline.span)
    assert str(encode_spans([again])) == str(encode_spans([pipeline.span]))
