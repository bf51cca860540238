"""A running span as others may see it: writable as ever, readable only as far as it is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, Span

    from pazpaz_otel.enforce.span import SpanGuard

_READ = frozenset(
    {
        "name",
        "attributes",
        "events",
        "links",
        "status",
        "resource",
        "instrumentation_scope",
        "parent",
        "to_json",
        "dropped_attributes",
        "dropped_events",
        "dropped_links",
    }
)
_PRIVATE = {
    "_name": "name",
    "_attributes": "attributes",
    "_events": "events",
    "_links": "links",
    "_status": "status",
    "_resource": "resource",
    "_instrumentation_scope": "instrumentation_scope",
    "_parent": "parent",
}


class GuardedView:
    """A span for a processor's `on_start`: it may be written to, kept and asked, but shows nothing unproven."""

    def __init__(self, span: Span, guard: SpanGuard) -> None:
        self._span = span
        self._guard = guard

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        # A processor may ask `isinstance(span, Span)` before it looks.
        return type(object.__getattribute__(self, "_span"))

    def __getattr__(self, name: str) -> Any:
        readable = _PRIVATE.get(name, name)
        if readable in _READ:
            return getattr(self._readable_span(), readable)
        return getattr(self._span, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in {"_span", "_guard"}:
            object.__setattr__(self, name, value)
        else:
            setattr(self._span, name, value)

    def _readable_span(self) -> ReadableSpan:
        return self._guard.clean(self._span._readable_span())  # noqa: SLF001


def guarded_view(span: Span, guard: SpanGuard) -> Span:
    """`span` for code that isn't ours."""
    return GuardedView(span, guard)  # type: ignore[return-value]
