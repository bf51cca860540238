"""A running span as other code may see it: writable, but readable only where it is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel.redact.span import clean_context

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, Span

    from pazpaz_otel.redact.span import SpanGuard

_READ = frozenset(
    {
        "name",
        "attributes",
        "events",
        "links",
        "status",
        "resource",
        "instrumentation_scope",
        "instrumentation_info",
        "parent",
        "to_json",
        "dropped_attributes",
        "dropped_events",
        "dropped_links",
    }
)


class GuardedView:
    """A span for a processor's `on_start`: it may be written to and kept, but shows nothing unproven."""

    _span: Span
    _guard: SpanGuard

    def __init__(self, span: Span, guard: SpanGuard) -> None:
        # Bypass `__setattr__`, through which the application writes to the span.
        fields = self.__dict__
        fields["_span"] = span
        fields["_guard"] = guard

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        # A processor may check `isinstance(span, Span)` before it reads anything.
        return type(object.__getattribute__(self, "_span"))

    def __getattr__(self, name: str) -> Any:
        # A context's trace state is free text from other services.
        if name in {"context", "_context"}:
            return clean_context(self._span.context)
        if name == "get_span_context":
            return lambda: clean_context(self._span.context)
        readable = name.removeprefix("_")
        if readable in _READ:
            return getattr(self._readable_span(), readable)
        return getattr(self._span, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._span, name, value)

    def _readable_span(self) -> ReadableSpan:
        return self._guard.clean(self._span._readable_span())  # noqa: SLF001


def guarded_view(span: Span, guard: SpanGuard) -> Span:
    """Return a view of `span` for other code."""
    return GuardedView(span, guard)  # type: ignore[return-value]
