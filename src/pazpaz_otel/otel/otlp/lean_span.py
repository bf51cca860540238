"""An SDK span that creates its lists and attributes only when they are needed.

It is a subclass of the SDK's `Span` and behaves like it; starting and ending skips what spans with shapes don't need,
which is more than half of the SDK's cost.
"""

from __future__ import annotations

import threading
from random import getrandbits
from time import time_ns
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span
from opentelemetry.sdk.trace._tracer_metrics import NoOpTracerMetrics
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Decision, ParentBased
from opentelemetry.sdk.util import BoundedList
from opentelemetry.trace import (
    DEFAULT_TRACE_STATE,
    INVALID_SPAN,
    INVALID_SPAN_CONTEXT,
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from pazpaz_otel.otel import database_errors
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from opentelemetry.trace import Span as ApiSpan
    from opentelemetry.trace import SpanKind

UNSET: Final = Status(StatusCode.UNSET)
"""The status of a span whose status was never set."""
_FLAGS: Final = tuple(TraceFlags(flags) for flags in range(4))
_RANDOM: Final = 2
_DRAWN: Final = RandomIdGenerator().is_trace_id_random() << 1
_BRANCHES: Final = ("_root", "_remote_parent_sampled", "_remote_parent_not_sampled", "_local_parent_sampled")
_SAMPLED: Final = Decision.RECORD_AND_SAMPLE
_new_context: Final = tuple.__new__
(_SPAN_KEY,) = set_span_in_context(INVALID_SPAN, Context())


class LeanSpan(Span):
    """A recording span; create it with `start`.

    Args:
        tracer: the SDK's tracer.
        name: the span's name.
        context: its own context.
        parent: its parent's context, if any.
        kind: the span's kind.
        record_end: called at its end, if the SDK's own metrics are on.
    """

    is_bare: bool = True
    """Whether nobody has accessed attributes, events or links."""
    _status = UNSET
    _end_time: int | None = None
    _trace_config = None
    _record_end_metrics = None
    _record_exception = True
    _set_status_on_exception = True

    def __init__(  # noqa: PLR0913, PLR0917 - what a span is made of; the SDK's constructor is what is left out
        self, tracer: Any, name: str, context: SpanContext, parent: SpanContext | None, kind: SpanKind, record_end: Any
    ) -> None:
        self._name = name
        self._context = context
        self._parent = parent
        self._kind = kind
        self._tracer = tracer
        self._resource = tracer.resource
        self._processors = tracer.span_processor._span_processors  # noqa: SLF001
        if record_end is not None:
            self._record_end_metrics = record_end
        self._lock = threading.Lock()
        self._start_time: int | None = time_ns()
        self.sampled: int = context[3] & 1
        """Whether the span is to be exported."""

    # What the SDK copies to each span, and only rarely reads.
    _instrumentation_info = property(lambda self: self._tracer.instrumentation_info)
    _instrumentation_scope = property(lambda self: self._tracer._instrumentation_scope)  # noqa: SLF001
    _span_processor = property(lambda self: self._tracer.span_processor)
    _limits = property(lambda self: self._tracer._span_limits)  # noqa: SLF001
    _sampler = property(lambda self: self._tracer.sampler)

    def __getattr__(self, name: str) -> Any:
        # Created on first access.
        made: Any
        if name == "_attributes":
            limits = self._limits
            longest = limits.max_span_attribute_length
            made = BoundedAttributes(limits.max_span_attributes, None, immutable=False, max_value_len=longest)
        elif name == "_events":
            made = BoundedList(self._limits.max_events)
        elif name == "_links":
            made = BoundedList(self._limits.max_links)
        else:
            raise AttributeError(name)
        self.is_bare = False
        # If two threads access it first at the same time, both get the same object.
        return self.__dict__.setdefault(name, made)

    def finish(self) -> tuple[Any, ...] | None:
        """End the span; return the processors to tell, which know shapes, or None if others have been added."""
        if self._tracer.span_processor._span_processors is not self._processors:  # noqa: SLF001
            return None
        with self._lock:
            if self._end_time is not None:
                return ()
            self._end_time = time_ns()
            attributes: Any = None if self.is_bare else self.__dict__.get("_attributes")
            if attributes is not None:
                attributes._immutable = True  # noqa: SLF001 - as the SDK ends a span
        if self._record_end_metrics is not None:
            self._record_end_metrics()
        processors: tuple[Any, ...] = self._processors
        return processors


def start(tracer: Any, name: str, context: Context, kind: SpanKind, parent: SpanContext | None) -> ApiSpan:
    """Start a span as the SDK's tracer does, for processors that know shapes (`shapes.are_known_to`).

    Args:
        tracer: the SDK's tracer.
        name: the span's name.
        context: the context in which it starts.
        kind: the span's kind.
        parent: the context of its parent, if any; one from another process needn't be in `context`.
    """
    if not tracer._is_enabled():  # noqa: SLF001
        return NonRecordingSpan(parent or INVALID_SPAN_CONTEXT)
    generator = tracer.id_generator
    draws = generator.__class__ is RandomIdGenerator
    if parent is not None and parent[5]:
        trace_id, _, is_remote, flags, state, _ = parent
        is_random = flags & _RANDOM
        follows = is_remote or flags & 1
    else:
        parent, state, follows = None, DEFAULT_TRACE_STATE, True
        trace_id = (getrandbits(128) if draws else 0) or generator.generate_trace_id()
        is_random = _DRAWN if draws else generator.is_trace_id_random() << 1
    if follows and _takes_all(tracer.sampler):
        decision = _SAMPLED
    else:
        if parent is not None and parent.is_remote:
            context = set_span_in_context(NonRecordingSpan(parent), context)
        sampled = tracer.sampler.should_sample(context, trace_id, name, kind, None, ())
        decision, state = sampled.decision, sampled.trace_state
    span_id = (getrandbits(64) if draws else 0) or generator.generate_span_id()
    flags = _FLAGS[(decision is _SAMPLED) | is_random]
    if draws:
        # Its constructor checks whether the ids are in range, which takes twice as long.
        told = DEFAULT_TRACE_STATE if state is None else state
        made = _new_context(SpanContext, (trace_id, span_id, False, flags, told, True))
    else:
        made = SpanContext(trace_id, span_id, is_remote=False, trace_flags=flags, trace_state=state)
    metrics = tracer._tracer_metrics  # noqa: SLF001
    record_end = None if metrics.__class__ is NoOpTracerMetrics else metrics.start_span(parent, decision)
    if decision is Decision.DROP:
        return NonRecordingSpan(made)
    # Bypass the SDK's `__new__`, which only forbids instantiating its own class.
    span = object.__new__(LeanSpan)
    span.__init__(tracer, name, made, parent, kind, record_end)  # type: ignore[misc]
    return span


def within(span: ApiSpan, context: Context) -> Context:
    """Return a context with a span, as `set_span_in_context` does, but with one copy of two."""
    return Context({**context, _SPAN_KEY: span})


def record_failure(span: ApiSpan, error: BaseException, *, is_statement: bool = False) -> None:
    """Record an exception that escapes a span, like the API's `use_span`, unless the span has ended; never raise."""
    if not span.is_recording():
        return
    with drops.contained("span"):
        span.record_exception(error)
        if is_statement:
            database_errors.tell(span, error)
        span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))


_last_sampler: tuple[Any, bool] = (None, False)


def _takes_all(sampler: Any) -> bool:
    """Return whether a sampler samples every span, except those with an unsampled local parent."""
    global _last_sampler  # noqa: PLW0603 - a process has one sampler
    if _last_sampler[0] is not sampler:
        takes = sampler is ALWAYS_ON or (
            type(sampler) is ParentBased and all(getattr(sampler, branch, None) is ALWAYS_ON for branch in _BRANCHES)
        )
        _last_sampler = (sampler, takes)
    return _last_sampler[1]
