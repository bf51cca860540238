"""The lean span against the SDK's own: it starts, takes and tells the same."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from pazpaz_otel.otel.otlp import lean_span

PARENTS = {
    "none": None,
    "remote sampled": SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1)),
    "remote random": SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(3), trace_state=TraceState([("a", "b")])),
    "remote not sampled": SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(0)),
    "local sampled": SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1)),
    "local not sampled": SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(0)),
}
SAMPLERS = {
    "ours": ParentBased(root=ALWAYS_ON, remote_parent_not_sampled=ALWAYS_ON),
    "sdk's": ParentBased(root=ALWAYS_ON),
    "on": ALWAYS_ON,
    "off": ALWAYS_OFF,
    "ratio": TraceIdRatioBased(0.0),
}


def parent_of(context: SpanContext | None) -> Context:
    return Context() if context is None else trace.set_span_in_context(NonRecordingSpan(context), Context())


def both(sampler: Any, parent: SpanContext | None) -> tuple[Any, Any]:
    tracer = TracerProvider(sampler=sampler, shutdown_on_exit=False).get_tracer(__name__, "1")
    context = parent_of(parent)
    theirs = tracer.start_span("GET", context, SpanKind.SERVER)
    return theirs, lean_span.start(tracer, "GET", context, SpanKind.SERVER, parent)


@pytest.mark.parametrize("parent", PARENTS.values(), ids=PARENTS)
@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_it_starts_like_the_sdks(sampler: Any, parent: SpanContext | None):
    """Whether it records, its trace, flags and trace state follow sampler and parent as the SDK's do."""
    theirs, ours = both(sampler, parent)
    assert theirs.is_recording() == ours.is_recording()
    one, other = theirs.get_span_context(), ours.get_span_context()
    assert (one.trace_flags, one.trace_state, one.is_remote) == (other.trace_flags, other.trace_state, other.is_remote)
    assert (one.trace_id == other.trace_id) == (parent is not None)
    assert other.is_valid


def test_its_context_is_the_apis():
    """A context with a span has what it had before, like the API's, and the context before stays as it was."""
    _, span = both(ALWAYS_ON, None)
    before = Context({"key": "value"})
    assert lean_span.within(span, before) == trace.set_span_in_context(span, before)
    assert trace.get_current_span(lean_span.within(span, before)) is span
    assert before == {"key": "value"}


def test_it_takes_what_the_sdks_takes():
    """All that an application may do to a span shows in the same way, and not after its end."""
    found = []
    for span in both(ALWAYS_ON, PARENTS["remote sampled"]):
        assert isinstance(span, Span)
        span.set_attribute("a", 1)
        span.set_attributes({"b": ("x", "y"), "c": None})
        span.add_event("sent", {"d": True}, 5)
        span.add_link(SpanContext(7, 8, is_remote=True), {"e": 1.5})
        span.record_exception(ValueError("closed"), timestamp=6)
        span.update_name("POST")
        span.set_status(Status(StatusCode.ERROR, "closed"))
        span.end(9)
        span.set_attribute("late", 1)
        span.update_name("late")
        read = span._readable_span()
        events = [(event.name, dict(event.attributes or {}), event.timestamp) for event in read.events]
        links = [(link.context, dict(link.attributes or {})) for link in read.links]
        state = read.status.status_code, read.end_time, read.kind, read.parent, span.is_recording()
        where = read.instrumentation_scope, read.resource.attributes
        found.append((read.name, dict(read.attributes or {}), events, links, state, where))
    assert found[0] == found[1]


def test_it_shows_what_is_empty_like_the_sdks():
    """A span that nobody wrote to has no attributes, events, links and description, and ends once."""
    for span in both(ALWAYS_ON, None):
        span.end()
        read = span._readable_span()
        assert (len(read.attributes), read.events, read.links, read.status.description) == (0, (), (), None)
        assert not hasattr(span, "nothing")
        assert read.start_time <= read.end_time


def test_it_is_a_context_manager():
    """Used in a `with` block it records what escapes, and ends."""
    _, span = both(ALWAYS_ON, None)
    with pytest.raises(ValueError, match="closed"), span:
        raise ValueError("closed")
    assert [event.name for event in span.events] == ["exception"]
    assert not span.is_recording()
