"""The exporters `pazpaz_console` for traces and logs, which share one terminal.

`OTEL_TRACES_EXPORTER=pazpaz_console OTEL_LOGS_EXPORTER=pazpaz_console` selects them; `pazpaz-otel run` sets both.
"""

from __future__ import annotations

import shutil
import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from pazpaz_otel import forks
from pazpaz_otel.otel.console.render import Style, TraceView
from pazpaz_otel.otel.console.tree import Trace, Trees
from pazpaz_otel.redact.own_lines import is_own
from pazpaz_otel.settings import wants_colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.trace import ReadableSpan


class Terminal:
    """Write traces and separate log records to standard error, one at a time.

    Standard output belongs to the application. The process's original standard error is used, as Celery replaces
    `sys.stderr`.
    """

    def __init__(self) -> None:
        self._lock = forks.lock()
        self.trees = Trees(self._show, self._tell)

    def _show(self, trace: Trace) -> None:
        self._write(TraceView(trace, self._style()).lines())

    def _tell(self, record: ReadableLogRecord) -> None:
        scope = record.instrumentation_scope
        # This package's own lines are written as they are, by a handler of the process.
        if scope is None or not is_own(scope.name):
            self._write(TraceView(Trace(), self._style()).record(record))

    def _write(self, lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        stream = _stream()
        with self._lock:
            stream.write(text)
            stream.flush()

    @staticmethod
    def _style() -> Style:
        return Style(shutil.get_terminal_size((100, 24)).columns, wants_colour(_stream()))


def _stream() -> TextIO:
    return sys.__stderr__ or sys.stderr


@lru_cache(maxsize=1)
def terminal() -> Terminal:
    """Return the process's terminal."""
    return Terminal()


class _OnTerminal:
    """What the two exporters share."""

    def shutdown(self) -> None:
        """Show incomplete traces."""
        terminal().trees.flush()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - the interface's name
        """Return True: only incomplete traces are held back."""
        return True


class ConsoleSpanExporter(_OnTerminal, SpanExporter):
    """Show each trace as a tree once its root span has ended."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Accept spans; a closed terminal is no reason to fail the application."""
        try:
            terminal().trees.add_spans(spans)
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


class ConsoleLogRecordExporter(_OnTerminal, LogRecordExporter):
    """Show log records in their trace, or by themselves."""

    takes_each_at_once = True
    """Accepts a trace's records before its root span is exported; a batch might arrive after it."""

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Accept log records; a closed terminal is no reason to fail the application."""
        try:
            terminal().trees.add_records(batch)
        except OSError:
            return LogRecordExportResult.FAILURE
        return LogRecordExportResult.SUCCESS
