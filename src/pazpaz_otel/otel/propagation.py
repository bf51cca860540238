"""Propagation: trace ids go everywhere, baggage only to allowed hosts, other services' trace state nowhere.

W3C Trace Context asks to pass `tracestate` on, and OTel's default sends it and baggage to every host that is called.
Both are free text from outside. The propagators' classes are guarded, not the global propagator: its setter may have
been imported before there was a guard, and a propagator may be called directly.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import baggage, trace
from opentelemetry.context import get_current

from pazpaz_otel import patches
from pazpaz_otel.policy import accept
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.span import clean_context

if TYPE_CHECKING:
    from opentelemetry.context import Context

    from pazpaz_otel.redact.guards import Guard

destination: ContextVar[str | None] = ContextVar("pazpaz_otel_destination", default=None)
"""The host of the request about to be sent, set by a client instrumentation's request hook."""

_inside: Final[ContextVar[bool]] = ContextVar("pazpaz_otel_propagating", default=False)
"""Whether a guarded propagator is calling those that it consists of."""


def guard_propagation(guard: Guard) -> None:
    """Guard every propagator in the process, including those created later."""
    patches.install("propagator.inject", functools.partial(_injecting, guard))
    patches.install("propagator.extract", _extracting)


def _injecting(guard: Guard, original: Any) -> Any:
    def inject(self: Any, carrier: Any, context: Context | None = None, *args: Any, **kwargs: Any) -> None:
        if _inside.get():
            original(self, carrier, context, *args, **kwargs)
            return
        token = _inside.set(True)
        try:
            original(self, carrier, _outgoing(context, guard), *args, **kwargs)
        finally:
            _inside.reset(token)

    return inject


def _extracting(original: Any) -> Any:
    def extract(self: Any, *args: Any, **kwargs: Any) -> Context:
        context: Context = original(self, *args, **kwargs)
        return context if _inside.get() else _without_trace_state(context)

    return extract


def _outgoing(context: Context | None, guard: Guard) -> Context:
    """Return what may go to the current request's host; if that is unknown, no baggage."""
    host = destination.get()
    destination.set(None)
    context = get_current() if context is None else context
    try:
        entries = baggage.get_all(context)
        if entries:
            context = _with_allowed(entries, None if guard.closed else host, context, guard)
        return _without_trace_state(context)
    except BaseException as error:  # noqa: BLE001 - fails closed, and never into the application
        drops.fail("baggage", error)
        return _without_trace_state(baggage.clear(context))


def _with_allowed(entries: Any, host: str | None, context: Context, guard: Guard) -> Context:
    context = baggage.clear(context)
    for key, value in entries.items():
        rule = guard.policy.baggage.get(key)
        allowed = rule is not None and host is not None and host in rule.hosts
        judged = accept(rule.kind, value) if allowed and rule is not None else None
        if judged is None:
            drops.drop("baggage", "unlisted_key" if rule is None else "refused_value")
        else:
            context = baggage.set_baggage(key, judged, context)
    return context


def _without_trace_state(context: Context) -> Context:
    span = trace.get_current_span(context)
    before = span.get_span_context()
    if not before.trace_state:
        return context
    clean = clean_context(before)
    assert clean is not None
    return trace.set_span_in_context(trace.NonRecordingSpan(clean), context)
