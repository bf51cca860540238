"""Propagation: trace ids go everywhere, baggage only by key and host, other people's trace state nowhere.

W3C Trace Context asks for `tracestate` to be passed on, and OTel's default does so with baggage as well, to every
host that is called. Both are free text by somebody else.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry import baggage, propagate, trace
from opentelemetry.context import get_current
from opentelemetry.propagators.textmap import (
    CarrierT,
    DefaultGetter,
    DefaultSetter,
    Getter,
    Setter,
    TextMapPropagator,
)

from pazpaz_otel.policy import accept
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.span import clean_context

if TYPE_CHECKING:
    from opentelemetry.context import Context

    from pazpaz_otel.redact.guards import Guard

_getter: Getter[Any] = DefaultGetter()
_setter: Setter[Any] = DefaultSetter()

destination: ContextVar[str | None] = ContextVar("pazpaz_otel_destination", default=None)
"""The host that the request about to be sent goes to, set by a client instrumentation's request hook."""


class GuardedPropagator(TextMapPropagator):
    """Guards what another propagator takes in and gives out.

    Args:
        propagator: what `OTEL_PROPAGATORS` or the application chose.
        guard: the policy.
    """

    def __init__(self, propagator: TextMapPropagator, guard: Guard) -> None:
        self.propagator = propagator
        self._guard = guard

    def extract(self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = _getter) -> Context:
        """The caller's context, without its trace state."""
        return _without_trace_state(self.propagator.extract(carrier, context, getter))

    def inject(self, carrier: CarrierT, context: Context | None = None, setter: Setter[CarrierT] = _setter) -> None:
        """Writes what may go to the host of the request at hand; where that isn't known, no baggage goes."""
        host = destination.get()
        destination.set(None)
        context = get_current() if context is None else context
        entries = baggage.get_all(context)
        if entries:
            context = self._with_allowed(entries, host, context)
        self.propagator.inject(carrier, _without_trace_state(context), setter)

    @property
    def fields(self) -> set[str]:
        """The header fields that the guarded propagator may write."""
        return self.propagator.fields

    def _with_allowed(self, entries: Any, host: str | None, context: Context) -> Context:
        context = baggage.clear(context)
        for key, value in entries.items():
            rule = self._guard.policy.baggage.get(key)
            allowed = rule is not None and host is not None and host in rule.hosts
            judged = accept(rule.kind, value) if allowed and rule is not None else None
            if judged is None:
                drops.drop("baggage", "unlisted_key" if rule is None else "refused_value")
            else:
                context = baggage.set_baggage(key, judged, context)
        return context


def guard_propagation(guard: Guard) -> None:
    """Guards the global propagator, and each that is set after it."""
    original = propagate.set_global_textmap

    def set_global_textmap(http_text_format: TextMapPropagator) -> None:
        if not isinstance(http_text_format, GuardedPropagator):
            http_text_format = GuardedPropagator(http_text_format, guard)
        original(http_text_format)

    propagate.set_global_textmap = set_global_textmap
    set_global_textmap(propagate.get_global_textmap())


def _without_trace_state(context: Context) -> Context:
    span = trace.get_current_span(context)
    before = span.get_span_context()
    if not before.trace_state:
        return context
    clean = clean_context(before)
    assert clean is not None
    return trace.set_span_in_context(trace.NonRecordingSpan(clean), context)
