"""Guards and encodes a span as it ends: what waits to be exported is bytes, and nothing of a patient is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import StatusCode

from pazpaz_otel.otel.delivery import CountingSpanExporter, counted
from pazpaz_otel.otel.otlp import shapes, spans, wire
from pazpaz_otel.otel.otlp.lean_span import LeanSpan
from pazpaz_otel.otel.otlp.request import Encoded
from pazpaz_otel.otel.processors import RedactingSpanProcessor
from pazpaz_otel.otel.text_writers import prove_name
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.span import is_encodable

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span
    from opentelemetry.sdk.trace.export import SpanExporter

    from pazpaz_otel.redact.guards import Guard


class OtlpSpanProcessor(RedactingSpanProcessor):
    """Queues guarded spans as bytes, for an exporter whose encoder takes them (`request.accepts_encoded_spans`).

    The queue, its thread, its limits and what happens at a fork are the SDK's `BatchSpanProcessor`.

    Args:
        exporter: the SDK's exporter of OTLP over HTTP.
        guard: the policy and the evidence.
    """

    knows_shapes = True

    def __init__(self, exporter: SpanExporter, guard: Guard) -> None:
        batch = counted(BatchSpanProcessor(CountingSpanExporter(exporter)), "span")
        super().__init__(batch, guard)
        self._emit: Any = batch._batch_processor.emit  # noqa: SLF001 - takes anything that its exporter takes

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 - the SDK's signature
        """Prove the span's name while the statement that gives it runs; the queue takes ended spans only."""
        if not shapes.is_starting_name(span.name):
            prove_name(span, self._guard)

    def _on_ending(self, span: Span) -> None:
        pass

    def on_end(self, span: ReadableSpan) -> None:
        """Queue the span's bytes; drop and count what can't be guarded or encoded."""
        context = span.context
        if context is None or not context.trace_flags.sampled:
            return
        if self._guard.closed:
            drops.drop("span", "unguarded")
            return
        try:
            ending = shapes.of(span)
            if ending is not None and span.kind is ending.shape.kind:
                content = self._shaped(span, ending)
            else:
                content = self._encoded(span)
            if not content:
                drops.drop("span", "wrong_type")
                return
            resource = self._guard.resources.clean(span.resource)
            item = Encoded(resource, self._guard.scope(span.instrumentation_scope), content)
        except Exception as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("span", error)
            drops.drop("span", "guard_failed")
            return
        self._emit(item)

    def _encoded(self, span: ReadableSpan, dropped: int = 0) -> bytes:
        clean = self._spans.clean(span)
        if not is_encodable(clean):
            return b""
        content = spans.encode(clean)
        return content + wire.number(b"\x50", dropped + clean.dropped_attributes) if dropped else content

    def _shaped(self, span: ReadableSpan, ending: shapes.Ending) -> bytes:
        shape, own, encoded = ending
        if not is_bare(span) or span.name is not shape.started_as:
            return self._filled(span, ending)
        dropped = shape.dropped
        parts = [spans.identity(span), shape.content]
        if encoded is not None:
            parts.append(encoded)
        elif own:
            judged, refused = self._guard.attributes.clean(own, "span_attribute")
            dropped += refused
            parts.append(wire.attributes(b"J", judged, "span_attribute"))
        if dropped:
            parts.append(wire.number(b"\x50", dropped))
        status = span.status
        if status.status_code is StatusCode.UNSET:
            parts.append(spans.UNSET)
        else:
            parts.append(spans.status(self._spans.status(status)))
        return b"".join(parts)

    def _filled(self, span: ReadableSpan, ending: shapes.Ending) -> bytes:
        """Encode a span that the application has added to."""
        shape, own, _ = ending
        named = span.name is not shape.started_as
        if named or (span.attributes and not shape.attributes.keys().isdisjoint(span.attributes)):
            return self._encoded(shapes.filled(span), shape.dropped)
        clean = self._spans.clean(span)
        if not is_encodable(clean):
            return b""
        judged, refused = self._guard.attributes.clean(own, "span_attribute")
        dropped = shape.dropped + refused + clean.dropped_attributes
        return b"".join(
            (
                spans.identity(clean),
                shape.content,
                wire.attributes(b"J", judged, "span_attribute"),
                wire.attributes(b"J", clean.attributes, "span_attribute"),
                wire.number(b"\x50", dropped),
                spans.events_and_links(clean),
                spans.status(clean.status),
            )
        )


def is_bare(span: ReadableSpan) -> bool:
    """Return whether a span has no attributes, events or links of its own."""
    if isinstance(span, LeanSpan):
        return span.is_bare
    # The properties copy under a lock, also what is empty.
    return not (getattr(span, "_attributes", True) or getattr(span, "_events", True) or getattr(span, "_links", True))
