"""Assemble the spans and log records of each trace, as they arrive from two exporters in two threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pazpaz_otel import forks
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

_MAX_TRACES: Final = 256
"""How many incomplete traces are kept; the oldest are shown as they are."""
_MAX_SHOWN: Final = 4096
"""How many shown spans are remembered, for items that belong to them but arrive later."""


@dataclass
class Trace:
    """What is known of one trace so far.

    Attributes:
        spans: its ended spans.
        records: the log records written in it.
        after: the name of the request that this belongs to, if that was shown before.
    """

    spans: list[ReadableSpan] = field(default_factory=list)
    records: list[ReadableLogRecord] = field(default_factory=list)
    after: str | None = None

    @property
    def roots(self) -> list[ReadableSpan]:
        """The spans without their parent here, by start time."""
        ids = self.ids
        roots = [span for span in self.spans if span.parent is None or span.parent.span_id not in ids]
        return sorted(roots, key=lambda span: span.start_time or 0)

    @property
    def ids(self) -> set[int]:
        """The ids of its spans."""
        return {span.context.span_id for span in self.spans if span.context is not None}

    @property
    def strays(self) -> list[ReadableLogRecord]:
        """The log records without their span here."""
        ids = self.ids
        return [record for record in self.records if record.log_record.span_id not in ids]

    def children(self, parent: ReadableSpan) -> list[ReadableSpan]:
        """Return the spans below `parent`, by start time."""
        inside = [span for span in self.spans if span.parent is not None and span.parent.span_id == _id(parent)]
        return sorted(inside, key=lambda span: span.start_time or 0)

    def records_of(self, span: ReadableSpan) -> list[ReadableLogRecord]:
        """Return the log records written while `span` was active."""
        return [record for record in self.records if record.log_record.span_id == _id(span)]

    def take(self, root: ReadableSpan) -> Trace:
        """Remove a span and everything below it, and return them as a separate trace."""
        taken = [root]
        for span in taken:
            taken += self.children(span)
        whole = Trace(taken, [record for span in taken for record in self.records_of(span)])
        ids = whole.ids
        self.spans = [span for span in self.spans if _id(span) not in ids]
        self.records = [record for record in self.records if record.log_record.span_id not in ids]
        return whole


class Trees:
    """Collect traces, and pass on each complete one.

    A tree is complete when a span without a parent in this process ends; one trace may have several, if a process calls
    itself. Later items are passed on separately, with the name of the request they belong to.

    Args:
        show: receives each complete trace.
        tell: receives each log record without a trace.
    """

    def __init__(self, show: Callable[[Trace], None], tell: Callable[[ReadableLogRecord], None]) -> None:
        self._show = show
        self._tell = tell
        self._lock = forks.lock()
        self._open: dict[int, Trace] = {}
        self._shown: FifoCache[int, str] = FifoCache(_MAX_SHOWN)
        forks.in_child(self._forget)

    def add_spans(self, spans: Iterable[ReadableSpan]) -> None:
        """Accept ended spans."""
        whole: list[Trace] = []
        added: list[tuple[SpanContext, ReadableSpan]] = []
        with self._lock:
            for span in sorted(spans, key=lambda span: span.start_time or 0):
                if span.context is not None:
                    whole += self._make_room(span.context.trace_id)
                    self._open[span.context.trace_id].spans.append(span)
                    added.append((span.context, span))
            # Now all spans of the batch are there: those that ended just after their root belong to it.
            for context, span in added:
                after = self._shown.get(span.parent.span_id) if span.parent is not None else None
                is_root = span.parent is None or span.parent.is_remote or after is not None
                if is_root and context.span_id not in self._shown:
                    whole.append(self._taken(context, span, after))
        self._hand_over(whole)

    def add_records(self, records: Sequence[ReadableLogRecord]) -> None:
        """Accept log records."""
        whole: list[Trace] = []
        with self._lock:
            for record in records:
                written = record.log_record
                if not written.trace_id or not written.span_id or not (written.trace_flags or 0) & 1:
                    whole.append(Trace(records=[record]))
                elif written.span_id in self._shown:
                    whole.append(Trace(records=[record], after=self._shown[written.span_id]))
                else:
                    whole += self._make_room(written.trace_id)
                    self._open[written.trace_id].records.append(record)
        self._hand_over(whole)

    def flush(self) -> None:
        """Pass on incomplete traces."""
        with self._lock:
            left = list(self._open.values())
            self._open.clear()
        self._hand_over(left)

    def _forget(self) -> None:
        # The parent shows its own.
        self._open.clear()

    def _make_room(self, trace_id: int) -> list[Trace]:
        """Return the traces that were displaced to keep this one."""
        if trace_id in self._open:
            return []
        gone = [self._open.pop(next(iter(self._open)))] if len(self._open) >= _MAX_TRACES else []
        self._open[trace_id] = Trace()
        return gone

    def _taken(self, context: SpanContext, root: ReadableSpan, after: str | None) -> Trace:
        kept = self._open[context.trace_id]
        whole = kept.take(root)
        whole.after = after
        if not kept.spans and not kept.records:
            del self._open[context.trace_id]
        for span_id in whole.ids:
            self._shown.keep(span_id, after or root.name)
        return whole

    def _hand_over(self, traces: Iterable[Trace]) -> None:
        for trace in traces:
            if trace.spans or trace.after is not None:
                self._show(trace)
            for record in trace.strays if trace.after is None else ():
                self._tell(record)


def _id(span: ReadableSpan) -> int | None:
    return span.context.span_id if span.context is not None else None
