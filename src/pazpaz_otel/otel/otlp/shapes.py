"""What many spans share, guarded and encoded once: a route's requests, a statement's executions.

An instrumentation that knows its span's shape sets no attributes on the span, and names the shape when the span ends.
Processors that don't know shapes would see a span without attributes, so shapes are used only if every processor knows
them (`are_known_to`).
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from opentelemetry.sdk.trace import ReadableSpan, Tracer
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, StaticSampler, TraceIdRatioBased

from pazpaz_otel.otel.otlp import spans, wire
from pazpaz_otel.otel.otlp.lean_span import LeanSpan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.trace import Span, SpanKind

    from pazpaz_otel.redact.guards import Guard

_UNPROVEN_LIFETIME: Final = 5.0
"""For how many seconds a shape with an unproven value is kept, because evidence may still arrive."""


class Shape:
    """The guarded name and attributes of many spans.

    Args:
        guard: judges them, once.
        started_as: the initial name, from `starting_name`; another name at the end was set by the application.
        name: the spans' name.
        kind: the spans' kind.
        attributes: the unguarded attributes.
    """

    __slots__ = ("attributes", "content", "dropped", "kind", "name", "origin", "started_as", "told_dropped", "until")

    def __init__(self, guard: Guard, started_as: str, name: str, kind: SpanKind, attributes: Mapping[str, Any]) -> None:
        clean, dropped = guard.attributes.clean(attributes, "span_attribute")
        self.attributes: Mapping[str, Any] = clean
        self.dropped = dropped
        self.told_dropped = wire.number(b"\x50", dropped)
        """The encoded field with that number."""
        self.started_as = started_as
        self.name = guard.names.span(name, clean)
        self.kind = kind
        self.content = spans.description(self.name, kind, clean)
        self.until = monotonic() + _UNPROVEN_LIFETIME if dropped or self.name != name else None
        """Until when it may be used, or None for ever."""
        self.origin: tuple[Any, Any, Any, Any] = (None, None, None, None)
        """Resource and scope of the span that ended last, and both guarded."""

    @property
    def is_fresh(self) -> bool:
        """Return whether it may still be used."""
        return self.until is None or monotonic() <= self.until


class Collected(dict[str, Any]):
    """Collects the attributes that contrib's functions would set on a recording span."""

    set_attribute = dict.__setitem__

    @staticmethod
    def is_recording() -> bool:
        """Return whether to collect."""
        return True


class Ending(NamedTuple):
    """What is known about a span that is ending."""

    shape: Shape
    own: Mapping[str, Any]
    """The unguarded attributes that differ between spans."""
    encoded: bytes | None
    """The same attributes as encoded fields, if the instrumentation knows them to be clean."""


_starting: Final[dict[int, str]] = {}
_LAST: Final = ("http.response.status_code", "error.type")
_ending: dict[int, Ending] = {}


def starting_name(text: str) -> str:
    """Return an initial name for spans until their shape is known, which is recognised by its identity."""
    name = "".join((text[:1], text[1:]))
    _starting[id(name)] = name
    return name


def is_starting_name(name: str) -> bool:
    """Return whether a span still has its initial name."""
    return _starting.get(id(name)) is name


def end(span: Span, shape: Shape, own: Mapping[str, Any] | None = None, encoded: bytes | None = None) -> None:
    """End a span with a shape.

    Args:
        span: the recording span.
        shape: its shape.
        own: attributes that differ between spans; they are guarded like any others.
        encoded: the same attributes encoded, if they are known to be clean.
    """
    own = own or _EMPTY
    if isinstance(span, LeanSpan) and (processors := span.finish()) is not None:
        for processor in processors:
            processor.end_shaped(span, shape, own, encoded)
        return
    span_id = span.get_span_context().span_id
    # The processors run inside `end`, so nothing stays here for a span that never ends.
    _ending[span_id] = Ending(shape, own, encoded)
    try:
        span.end()
    finally:
        _ending.pop(span_id, None)


def of(span: ReadableSpan) -> Ending | None:
    """Return what is known about a span while it ends."""
    return _ending.get(span.context.span_id) if _ending and span.context is not None else None


def filled(span: ReadableSpan, ending: Ending) -> ReadableSpan:
    """Return a span with its shape's attributes."""
    shape = ending.shape
    return ReadableSpan(
        shape.name if span.name is shape.started_as else span.name,
        span.context,
        span.parent,
        span.resource,
        # The application's attributes take precedence, except for the response's status, which is known last.
        {
            **shape.attributes,
            **ending.own,
            **(span.attributes or {}),
            **{key: shape.attributes[key] for key in _LAST if key in shape.attributes},
        },
        span.events,
        span.links,
        span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


_EMPTY: Final[Mapping[str, Any]] = {}


def _knows(processor: Any) -> bool:
    return getattr(processor, "knows_shapes", False) is True


def _ignores_attributes(sampler: Any) -> bool:
    if isinstance(sampler, ParentBased) and type(sampler).should_sample is ParentBased.should_sample:
        # It consists of samplers of its own, one for each kind of parent.
        return all(map(_ignores_attributes, (value for value in vars(sampler).values() if isinstance(value, Sampler))))
    return type(sampler) in (StaticSampler, TraceIdRatioBased)


def _are_wide(limits: Any) -> bool:
    most = limits.max_span_attributes
    return limits.max_span_attribute_length is None and (most is None or most >= MANY_ATTRIBUTES)


MANY_ATTRIBUTES: Final = 64
"""A limit on a span's attributes from which on none of a shape's is cut."""
_answers: dict[int, tuple[Any, Any, bool]] = {}


def hindrance(tracer: Any) -> str | None:
    """Return why a tracer's spans can't have shapes, or None: who would miss their attributes."""
    if not all(map(_knows, tracer.span_processor._span_processors)):  # noqa: SLF001
        return "another span processor"
    if not _ignores_attributes(tracer.sampler):
        return "a sampler that may decide by attributes"
    return None if _are_wide(tracer._span_limits) else "limits that cut attributes"  # noqa: SLF001


def are_known_to(tracer: Any) -> bool:
    """Return whether a tracer's spans may have shapes: if it has processors, and there is no `hindrance`."""
    asked = _answers.get(id(tracer))
    if asked is not None and asked[0] is tracer and asked[1] is tracer.span_processor._span_processors:  # noqa: SLF001
        return asked[2]
    leaves: Any = getattr(getattr(tracer, "span_processor", None), "_span_processors", None)
    known = type(tracer) is Tracer and bool(leaves) and hindrance(tracer) is None
    _answers[id(tracer)] = (tracer, leaves, known)
    return known
