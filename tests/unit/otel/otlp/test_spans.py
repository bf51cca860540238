"""The hand-written encoder of spans against the SDK's, on whatever an application may record."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from pazpaz_otel.otel.otlp import spans
from pazpaz_otel.otel.otlp.request import Encoded, Frames

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
integers = st.integers(-(2**63), 2**63 - 1)
scalars = st.one_of(texts, st.booleans(), integers, st.floats(allow_nan=False))
values = st.recursive(
    st.one_of(scalars, st.binary(max_size=20), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
attributes = st.dictionaries(texts, values, max_size=5)
times = st.integers(0, 2**64 - 1)
contexts = st.builds(
    SpanContext,
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    is_remote=st.booleans(),
    trace_flags=st.just(TraceFlags(1)),
)
resources = st.builds(
    Resource,
    attributes=st.dictionaries(texts, scalars, max_size=3),
    schema_url=st.sampled_from(["", "https://opentelemetry.io/schemas/1.37.0"]),
)
scopes = st.one_of(
    st.none(),
    st.builds(
        InstrumentationScope,
        texts,
        texts,
        st.sampled_from(["", "https://opentelemetry.io/schemas/1.37.0"]),
        st.one_of(st.none(), attributes),
    ),
)


@st.composite
def finished_spans(draw: st.DrawFn) -> ReadableSpan:
    code = draw(st.sampled_from(StatusCode))
    return ReadableSpan(
        draw(texts),
        draw(contexts),
        draw(st.one_of(st.none(), contexts)),
        draw(resources),
        draw(attributes),
        draw(st.lists(st.builds(Event, texts, attributes, times.filter(bool)), max_size=2)),
        draw(st.lists(st.builds(Link, contexts, attributes), max_size=2)),
        draw(st.sampled_from(SpanKind)),
        status=Status(code, draw(texts) if code is StatusCode.ERROR else None),
        start_time=draw(times),
        end_time=draw(times),
        instrumentation_scope=draw(scopes),
    )


@given(st.lists(finished_spans(), min_size=1, max_size=4))
def test_every_field_is_what_the_sdk_writes(batch: list[ReadableSpan]):
    """A batch of any spans without trace state decodes to the same request as the SDK's encoder makes of it."""
    encoded = [Encoded(span.resource, span.instrumentation_scope, spans.encode(span)) for span in batch]
    ours = ExportTraceServiceRequest.FromString(Frames().body(encoded).SerializePartialToString())
    theirs = encode_spans(batch)
    assert _grouped(theirs) == _grouped(ours)


def _grouped(request: ExportTraceServiceRequest) -> list[bytes]:
    # The SDK groups by equality, ours by identity: each span with its resource and scope, in any order.
    return sorted(
        b"|".join((of_resource.resource.SerializeToString(deterministic=True), of_resource.schema_url.encode(),
                   of_scope.scope.SerializeToString(deterministic=True), of_scope.schema_url.encode(),
                   span.SerializeToString(deterministic=True)))
        for of_resource in request.resource_spans
        for of_scope in of_resource.scope_spans
        for span in of_scope.spans
    )  # fmt: skip
