"""Puts spans and log records of one trace together, as they arrive from two exporters in two threads."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.trace import ReadableSpan

_TRACES: Final = 256
"""How many unfinished traces are kept; the oldest are shown as they are."""


@dataclass
class Trace:
    """What is known of one trace so far."""

    spans: list[ReadableSpan] = field(default_factory=list)
    records: list[ReadableLogRecord] = field(default_factory=list)

    @property
    def roots(self) -> list[ReadableSpan]:
        """The spans whose parent isn't here, by their start."""
        ids = {span.context.span_id for span in self.spans if span.context is not None}
        roots = [span for span in self.spans if span.parent is None or span.parent.span_id not in ids]
        return sorted(roots, key=lambda span: span.start_time or 0)

    def children(self, parent: ReadableSpan) -> list[ReadableSpan]:
        """Return the spans below `parent`, by their start."""
        inside = [span for span in self.spans if span.parent is not None and span.parent.span_id == _id(parent)]
        return sorted(inside, key=lambda span: span.start_time or 0)

    def records_of(self, span: ReadableSpan) -> list[ReadableLogRecord]:
        """Return the log records that were written while `span` was the active one."""
        return [record for record in self.records if record.log_record.span_id == _id(span)]


class Trees:
    """Collects traces, and hands over each that is whole.

    A trace is whole when a span ends that has no parent in this process. Log records that come later, or belong to no
    trace, are handed over by themselves.

    Args:
        show: gets each whole trace.
        tell: gets each log record that stands alone.
    """

    def __init__(self, show: Callable[[Trace], None], tell: Callable[[ReadableLogRecord], None]) -> None:
        self._show = show
        self._tell = tell
        self._lock = threading.Lock()
        self._open: FifoCache[int, Trace] = FifoCache(_TRACES)
        self._shown: FifoCache[int, None] = FifoCache(_TRACES)

    def add_spans(self, spans: Iterable[ReadableSpan]) -> None:
        """Take spans that have ended."""
        whole: list[Trace] = []
        with self._lock:
            for span in spans:
                if span.context is None:
                    continue
                trace = self._trace(span.context.trace_id)
                trace.spans.append(span)
                if span.parent is None or span.parent.is_remote:
                    whole.append(self._open.pop(span.context.trace_id))
                    self._shown.keep(span.context.trace_id, None)
        for trace in whole:
            self._show(trace)

    def add_records(self, records: Sequence[ReadableLogRecord]) -> None:
        """Take log records."""
        alone: list[Any] = []
        with self._lock:
            for record in records:
                trace_id = record.log_record.trace_id
                if not trace_id or trace_id in self._shown:
                    alone.append(record)
                else:
                    self._trace(trace_id).records.append(record)
        for record in alone:
            self._tell(record)

    def flush(self) -> None:
        """Hand over what isn't whole."""
        with self._lock:
            left = list(self._open.values())
            self._open.clear()
        for trace in left:
            if trace.spans:
                self._show(trace)
            for record in trace.records if not trace.spans else ():
                self._tell(record)

    def _trace(self, trace_id: int) -> Trace:
        found = self._open.get(trace_id)
        return self._open.keep(trace_id, Trace()) if found is None else found


def _id(span: ReadableSpan) -> int | None:
    return span.context.span_id if span.context is not None else None
