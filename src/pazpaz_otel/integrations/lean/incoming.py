"""Read a request's trace context and body length from its headers, in one pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import propagate
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.instrumentation.asgi import ASGIGetter, _decode_header_item
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace import SpanContext, TraceFlags, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.context import Context

_TRACE: Final = b"traceparent"
_LENGTH: Final = b"content-length"
_WANTED: Final = frozenset({_TRACE, _LENGTH, b"tracestate", b"baggage"})
_COMMON_TRACEPARENT: Final = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
"""What senders normally write; the propagator handles anything else."""
_W3C: Final = frozenset({"traceparent", "tracestate", "baggage"})
_FLAGS: Final = tuple(map(TraceFlags, range(256)))

_decoded: Callable[[bytes], str] = _decode_header_item


class HeaderGetter(ASGIGetter):
    """Find a header as contrib's getter does, but without decoding all others, nine times per request."""

    def get(self, carrier: dict[str, Any], key: str) -> list[str] | None:
        """Return the header's values, ignoring the case of its name, or None."""
        wanted = key.lower().encode()
        # Compare lengths first; servers usually send lower case, but needn't.
        size = len(wanted)
        found = [
            _decoded(value)
            for name, value in carrier.get("headers") or ()
            if len(name) == size and name.lower() == wanted
        ]
        return found or None


_headers: Final = HeaderGetter()


class Incoming:
    """The trace context and body length of a request."""

    __slots__ = ("_asks", "_scope", "_trace", "length")

    def __init__(self, scope: dict[str, Any]) -> None:
        self._scope = scope
        self._trace: bytes | None = None
        self._asks = False
        self.length: int | None = None
        """The body's length in bytes, if a header says it."""
        for name, value in scope.get("headers") or ():
            if name in _WANTED:
                if name == _TRACE and self._trace is None:
                    self._trace = value
                elif name != _LENGTH:
                    self._asks = True
                elif self.length is None:
                    self.length = length_of(value)

    def parent(self, context: Context) -> tuple[SpanContext | None, Context]:
        """Return the caller's span context, if any, and the context with whatever else the caller sent."""
        propagator = propagate.get_global_textmap()
        kind = _last_propagator[1] if propagator is _last_propagator[0] else _kind_of(propagator)
        if kind != "other" and not self._asks:
            if self._trace is None:
                return None, context
            found = _COMMON_TRACEPARENT.fullmatch(self._trace) if kind == "standard" else None
            if found is not None:
                ids = int(found[1], 16), int(found[2], 16)
                if all(ids):
                    return SpanContext(*ids, is_remote=True, trace_flags=_FLAGS[int(found[3], 16)]), context
        context = propagate.extract(self._scope, context, _headers)
        remote = get_current_span(context).get_span_context()
        return (remote if remote.is_valid else None), context


def length_of(value: bytes) -> int | None:
    """Return the length that a header states, or None."""
    try:
        return int(value)
    except ValueError:
        return None


_last_propagator: tuple[Any, str] = (None, "other")


def _kind_of(propagator: Any) -> str:
    """Return `standard` for W3C's two propagators unmodified, `w3c` for others of the same headers, else `other`."""
    global _last_propagator  # noqa: PLW0603 - a process has one propagator, which an application may replace
    kind = "other"
    if propagator.fields <= _W3C:
        members = getattr(propagator, "_propagators", None) if type(propagator) is CompositePropagator else None
        known = {type(member) for member in members or (propagator,)}
        is_standard = TraceContextTextMapPropagator in known
        is_standard = is_standard and known <= {TraceContextTextMapPropagator, W3CBaggagePropagator}
        kind = "standard" if is_standard else "w3c"
    _last_propagator = (propagator, kind)
    return kind
