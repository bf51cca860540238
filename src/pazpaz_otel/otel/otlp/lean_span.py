"""A span of the SDK that makes its lists and attributes only when somebody asks for them.

It is the SDK's `Span`, with all that applications and instrumentations do to one; its start and end leave out what
spans of shapes don't need: half of what the SDK's own cost.
"""

from __future__ import annotations

import threading
from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Span
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Decision, ParentBased
from opentelemetry.sdk.util import BoundedList
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, get_current_span

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span as ApiSpan
    from opentelemetry.trace import SpanKind

_UNSET: Final = Status(StatusCode.UNSET)
_FLAGS: Final = tuple(TraceFlags(flags) for flags in range(4))
_BRANCHES: Final = ("_root", "_remote_parent_sampled", "_remote_parent_not_sampled", "_local_parent_sampled")


class LeanSpan(Span):
    """A recording span; made by `start`.

    Args:
        tracer: the SDK's.
        name: of the span.
        context: its own.
        parent: the parent's, if it has one.
        kind: of the span.
        record_end: counts it when it ends, where the SDK measures itself.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a span is made of; the SDK's constructor is what is left out
        self, tracer: Any, name: str, context: SpanContext, parent: SpanContext | None, kind: SpanKind, record_end: Any
    ) -> None:
        self._name = name
        self._context = context
        self._parent = parent
        self._kind = kind
        self._status = _UNSET
        self._resource = tracer.resource
        self._instrumentation_info = tracer.instrumentation_info
        self._instrumentation_scope = tracer._instrumentation_scope  # noqa: SLF001
        self._span_processor = tracer.span_processor
        self._processors = tracer.span_processor._span_processors  # noqa: SLF001
        self._limits = tracer._span_limits  # noqa: SLF001
        self._sampler = tracer.sampler
        self._trace_config = None
        self._record_exception = True
        self._set_status_on_exception = True
        self._record_end_metrics = record_end
        self._lock = threading.Lock()
        self._end_time: int | None = None
        self._start_time: int | None = time_ns()

    def __getattr__(self, name: str) -> Any:
        # Asked for what isn't there yet; from then on it is.
        limits = self._limits
        made: Any
        if name == "_attributes":
            longest = limits.max_span_attribute_length
            made = BoundedAttributes(limits.max_span_attributes, None, immutable=False, max_value_len=longest)
        elif name == "_events":
            made = BoundedList(limits.max_events)
        elif name == "_links":
            made = BoundedList(limits.max_links)
        else:
            raise AttributeError(name)
        # Of two threads that ask first, both get the same.
        return self.__dict__.setdefault(name, made)

    @property
    def is_bare(self) -> bool:
        """Whether nobody has asked for attributes, events or links."""
        held = self.__dict__
        return "_attributes" not in held and "_events" not in held and "_links" not in held

    def finish(self) -> None:
        """End the span for processors that know shapes and read it before they return."""
        multi: Any = self._span_processor
        if multi._span_processors is not self._processors:  # noqa: SLF001
            # Another processor came meanwhile.
            self.end()
            return
        with self._lock:
            if self._end_time is not None:
                return
            self._end_time = time_ns()
            attributes: Any = self.__dict__.get("_attributes")
            if attributes is not None:
                attributes._immutable = True  # noqa: SLF001 - as the SDK ends a span
        if self._record_end_metrics:
            self._record_end_metrics()
        for processor in self._processors:
            processor.on_end(self)


def start(tracer: Any, name: str, context: Context, kind: SpanKind) -> ApiSpan:
    """Start a span as the SDK's tracer does, for processors that know shapes (`shapes.are_known_to`).

    Args:
        tracer: the SDK's.
        name: of the span.
        context: has its parent.
        kind: of the span.
    """
    parent: SpanContext | None = get_current_span(context).get_span_context()
    if not tracer._is_enabled():  # noqa: SLF001
        return NonRecordingSpan(parent)  # type: ignore[arg-type]
    generator = tracer.id_generator
    if parent is None or not parent.is_valid:
        parent = None
        trace_id, is_random = generator.generate_trace_id(), generator.is_trace_id_random()
    else:
        trace_id, is_random = parent.trace_id, parent.trace_flags.random_trace_id
    if _takes_all(tracer.sampler) and (parent is None or parent.is_remote or parent.trace_flags.sampled):
        decision, state = Decision.RECORD_AND_SAMPLE, None if parent is None else parent.trace_state
    else:
        sampled = tracer.sampler.should_sample(context, trace_id, name, kind, None, ())
        decision, state = sampled.decision, sampled.trace_state
    flags = _FLAGS[(decision is Decision.RECORD_AND_SAMPLE) | is_random << 1]
    made = SpanContext(trace_id, generator.generate_span_id(), is_remote=False, trace_flags=flags, trace_state=state)
    record_end = tracer._tracer_metrics.start_span(parent, decision)  # noqa: SLF001
    if decision is Decision.DROP:
        return NonRecordingSpan(made)
    return LeanSpan(tracer, name, made, parent, kind, record_end)


_asked: tuple[Any, bool] = (None, False)


def _takes_all(sampler: Any) -> bool:
    """Return whether a sampler takes every span but those of a local parent that isn't sampled."""
    global _asked  # noqa: PLW0603 - a process has one sampler
    if _asked[0] is not sampler:
        takes = sampler is ALWAYS_ON or (
            type(sampler) is ParentBased and all(getattr(sampler, branch, None) is ALWAYS_ON for branch in _BRANCHES)
        )
        _asked = (sampler, takes)
    return _asked[1]
