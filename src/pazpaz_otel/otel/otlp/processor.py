"""Guard and encode spans when they end and log records when they are emitted: only bytes without patient data wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.trace import StatusCode

from pazpaz_otel.otel.delivery import batching, queuing
from pazpaz_otel.otel.otlp import logs, shapes, spans, wire
from pazpaz_otel.otel.otlp.lean_span import UNSET, LeanSpan
from pazpaz_otel.otel.otlp.request import Encoded, accepts_encoded
from pazpaz_otel.otel.processors import RedactingLogRecordProcessor, RedactingSpanProcessor, judged_log
from pazpaz_otel.otel.text_writers import prove_name
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.emission import emitting
from pazpaz_otel.redact.span import is_encodable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.context import Context
    from opentelemetry.sdk._logs import ReadWriteLogRecord
    from opentelemetry.sdk._logs.export import LogRecordExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan, Span
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from pazpaz_otel.redact.guards import Guard


_new_item: Final = tuple.__new__
"""Creates an `Encoded` without the call of a Python function."""


class OtlpSpanProcessor(RedactingSpanProcessor):
    """Queue guarded spans as bytes, for an exporter whose encoder accepts them (`request.accepts_encoded`).

    The queue, its thread, its limits and its behaviour at a fork are those of the SDK's `BatchSpanProcessor`.
    """

    knows_shapes = True

    def __init__(self, exporter: SpanExporter, guard: Guard) -> None:
        batch = batching(exporter, "span")
        super().__init__(batch, guard)
        self._put = queuing(batch)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002 - the SDK's signature
        """Prove the span's name while the naming statement is running; the queue only takes ended spans."""
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
            self._queue(content, self._guard.resource(span.resource), self._scope_of(span))
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.lose("span", error)

    def end_shaped(self, span: LeanSpan, shape: shapes.Shape, own: Mapping[str, Any], encoded: bytes | None) -> None:
        """Queue the bytes of a span with a shape, like `on_end`."""
        if not span.sampled:
            return
        if self._guard.closed:
            drops.drop("span", "unguarded")
            return
        try:
            if span.is_bare and span._name is shape.started_as and (not own or encoded is not None):  # noqa: SLF001
                # All that differs from the shape: the identity, and attributes that are already encoded.
                identity = spans.identity(span._context, span._parent, span._start_time, span._end_time)  # noqa: SLF001
                status = span._status  # noqa: SLF001
                told = spans.UNSET if status is UNSET else spans.status(self._spans.status(status))
                content = b"".join((identity, shape.content, encoded or b"", shape.told_dropped, told))
            else:
                content = self._shaped(span, shapes.Ending(shape, own, encoded))
                if not content:
                    drops.drop("span", "wrong_type")
                    return
            resource, scope, clean_resource, clean_scope = shape.origin
            if resource is not span._resource or scope is not span._tracer._instrumentation_scope:  # noqa: SLF001
                clean_resource, clean_scope = self._guard.resource(span.resource), self._scope_of(span)
                # An unproven scope is judged again.
                if clean_scope is not None and clean_scope.name:
                    shape.origin = span.resource, span.instrumentation_scope, clean_resource, clean_scope
            self._put(_new_item(Encoded, (clean_resource, clean_scope, content)))
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.lose("span", error)

    def _queue(self, content: bytes, resource: Resource, scope: InstrumentationScope | None) -> None:
        if content:
            self._put(Encoded(resource, scope, content))
        else:
            drops.drop("span", "wrong_type")

    def _scope_of(self, span: ReadableSpan) -> InstrumentationScope | None:
        return self._guard.scope(span.instrumentation_scope)

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
        parts = [_identity(span), shape.content]
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
        """Encode a span to which the application added something."""
        shape, own, _ = ending
        named = span.name is not shape.started_as
        if named or (span.attributes and not shape.attributes.keys().isdisjoint(span.attributes)):
            return self._encoded(shapes.filled(span, ending), shape.dropped)
        clean = self._spans.clean(span)
        if not is_encodable(clean):
            return b""
        judged, refused = self._guard.attributes.clean(own, "span_attribute")
        dropped = shape.dropped + refused + clean.dropped_attributes
        return b"".join(
            (
                _identity(clean),
                shape.content,
                wire.attributes(b"J", judged, "span_attribute"),
                wire.attributes(b"J", clean.attributes, "span_attribute"),
                wire.number(b"\x50", dropped),
                spans.events_and_links(clean),
                spans.status(clean.status),
            )
        )


def _identity(span: ReadableSpan) -> bytes:
    return spans.identity(span.context, span.parent, span.start_time, span.end_time)


def is_bare(span: ReadableSpan) -> bool:
    """Return whether a span has no attributes, events or links of its own."""
    if isinstance(span, LeanSpan):
        return bool(span.is_bare)
    # The properties copy under a lock, even if empty.
    return not (getattr(span, "_attributes", True) or getattr(span, "_events", True) or getattr(span, "_links", True))


class OtlpLogRecordProcessor(RedactingLogRecordProcessor):
    """Queue guarded log records as bytes, for an exporter whose encoder accepts them.

    The queue, its thread, its limits and its behaviour at a fork are those of the SDK's `BatchLogRecordProcessor`.
    """

    def __init__(self, exporter: LogRecordExporter, guard: Guard) -> None:
        batch = batching(exporter, "log")
        super().__init__(batch, guard)
        self.queue = queuing(batch)
        """Queues one `Encoded`."""
        self.guard = guard
        self.logs = self._logs

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Queue the record's bytes; drop and count what can't be guarded or encoded."""
        clean = judged_log(log_record, self._logs, self.guard, emitting())
        if clean is None or clean.resource is None:
            return
        try:
            content = logs.encode(clean.log_record, clean.dropped_attributes)
        except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
            drops.fail("log", error)
            drops.drop("log", "wrong_type")
            return
        self.queue(Encoded(clean.resource, clean.instrumentation_scope, content))


def processors(guard: Guard) -> dict[str, Any]:
    """Return the arguments by which the SDK's configurator creates processors for its exporters.

    They are ours if the exporter can send encoded items, else the SDK's; losses of either are counted.
    """

    def of_spans(exporter: SpanExporter) -> Any:
        if accepts_encoded(exporter, "otlp.encode_spans"):
            return OtlpSpanProcessor(exporter, guard)
        return batching(exporter, "span")

    def of_logs(exporter: LogRecordExporter) -> Any:
        if accepts_encoded(exporter, "otlp.encode_logs"):
            return OtlpLogRecordProcessor(exporter, guard)
        if getattr(exporter, "takes_each_at_once", False):
            return SimpleLogRecordProcessor(exporter)
        return batching(exporter, "log")

    return {"export_span_processor": of_spans, "export_log_record_processor": of_logs}
