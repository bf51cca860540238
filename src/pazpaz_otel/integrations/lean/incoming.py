"""What the headers of a request carry: a trace's context and the length of the body, read in one pass."""

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
_USUAL: Final = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
"""What senders write; whatever else the propagator takes, it is asked."""
_W3C: Final = frozenset({"traceparent", "tracestate", "baggage"})
_FLAGS: Final = tuple(map(TraceFlags, range(256)))

_decoded: Callable[[bytes], str] = _decode_header_item


class HeaderGetter(ASGIGetter):
    """Finds a header as contrib's getter does, without decoding the others, nine times a request."""

    def get(self, carrier: dict[str, Any], key: str) -> list[str] | None:
        """Return the header's values, in whatever case it is written; None where the request has none."""
        wanted = key.lower().encode()
        # By length first: servers give names in lower case, but needn't.
        size = len(wanted)
        found = [
            _decoded(value)
            for name, value in carrier.get("headers") or ()
            if len(name) == size and name.lower() == wanted
        ]
        return found or None


_headers: Final = HeaderGetter()


class Incoming:
    """What a request carries.

    Args:
        scope: of the request.
    """

    __slots__ = ("_asks", "_scope", "_trace", "length")

    def __init__(self, scope: dict[str, Any]) -> None:
        self._scope = scope
        self._trace: bytes | None = None
        self._asks = False
        self.length: int | None = None
        """Of the body, where a header says it."""
        for name, value in scope.get("headers") or ():
            if name in _WANTED:
                if name == _TRACE and self._trace is None:
                    self._trace = value
                elif name != _LENGTH:
                    self._asks = True
                elif self.length is None:
                    self.length = length_of(value)

    def parent(self, context: Context) -> tuple[SpanContext | None, Context]:
        """Return the context of the caller's span, if there is one, and what else it sent in a context.

        Args:
            context: where the request is served.
        """
        kind = _kind_of(propagate.get_global_textmap())
        if kind != "other" and not self._asks:
            if self._trace is None:
                return None, context
            found = _USUAL.fullmatch(self._trace) if kind == "standard" else None
            if found is not None:
                ids = int(found[1], 16), int(found[2], 16)
                if all(ids):
                    return SpanContext(*ids, is_remote=True, trace_flags=_FLAGS[int(found[3], 16)]), context
        context = propagate.extract(self._scope, context, _headers)
        remote = get_current_span(context).get_span_context()
        return (remote if remote.is_valid else None), context


def length_of(value: bytes) -> int | None:
    """Return the length that a header says, or None where it says none."""
    try:
        return int(value)
    except ValueError:
        return None


_asked: tuple[Any, str] = (None, "other")


def _kind_of(propagator: Any) -> str:
    """Return `standard` for W3C's two propagators as they come, `w3c` for others of the same headers, else `other`."""
    global _asked  # noqa: PLW0603 - a process has one propagator, which an application may replace
    if propagator is not _asked[0]:
        kind = "other"
        if propagator.fields <= _W3C:
            members = getattr(propagator, "_propagators", None) if type(propagator) is CompositePropagator else None
            known = {type(member) for member in members or (propagator,)}
            is_standard = TraceContextTextMapPropagator in known
            is_standard = is_standard and known <= {TraceContextTextMapPropagator, W3CBaggagePropagator}
            kind = "standard" if is_standard else "w3c"
        _asked = (propagator, kind)
    return _asked[1]
