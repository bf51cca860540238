"""Turn a trace into lines: a tree with times on the right, as wide as the terminal, optionally in colour."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import SpanKind, StatusCode

from pazpaz_otel.redact.provenance.installed import is_installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.trace import ReadableSpan

    from pazpaz_otel.otel.console.tree import Trace

_CODES: Final = {"dim": "2", "bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_STATUS: Final = ("http.response.status_code", "http.status_code")
_WEBSOCKET: Final = ("ws", "wss")
_SENT: Final = "200"
_STATEMENT: Final = ("db.query.text", "db.statement")
_ERROR_LEVEL: Final = 17
_WARNING_LEVEL: Final = 13
_INDENT: Final = 14
_MIN_WIDTH: Final = 20
_MAX_FRAMES: Final = 3
"""How many of an error's innermost frames are shown; the application's own, if there are any."""
_SECONDS_FROM: Final = 10_000
"""Durations from this many milliseconds are shown in seconds."""


@dataclass(frozen=True)
class Style:
    """How to render.

    Attributes:
        width: the terminal's columns.
        colour: whether to use ANSI escapes (ECMA-48).
    """

    width: int = 80
    colour: bool = False

    def paint(self, text: str, name: str) -> str:
        """Return `text` in a colour, if colours are on."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and text else text

    def fit(self, text: str, taken: int) -> str:
        """Return `text` on one line, truncated to the width minus `taken` columns."""
        line, room = " ".join(text.split()), max(self.width - taken, _MIN_WIDTH)
        return line if len(line) <= room else f"{line[: room - 1].rstrip()}…"


class TraceView:
    """Render one trace."""

    def __init__(self, trace: Trace, style: Style) -> None:
        self._trace = trace
        self._style = style

    def lines(self) -> Iterator[str]:
        """Yield the trace's lines, ending with an empty one."""
        if self._trace.after is not None:
            told = self._trace.roots[0].start_time if self._trace.spans else self._trace.records[0].log_record.timestamp
            yield self._style.paint(f"{_clock(told)}  {self._style.fit(f'after {self._trace.after}', _INDENT)}", "dim")
            items = self._trace.roots or self._trace.records
            for number, item in enumerate(items):
                yield from self._branch(item, "", is_last=number == len(items) - 1)
        else:
            for root in self._trace.roots:
                clock = self._style.paint(f"{_clock(root.start_time)}  ", "dim")
                yield from self._span(root, clock, "", "")
        attributes = sum(_held_back(span) for span in self._trace.spans)
        texts = sum("<redacted>" in str(record.log_record.body) for record in self._trace.records)
        notes = [_count(attributes, "attribute") if attributes else "", _count(texts, "text") if texts else ""]
        if any(notes):
            yield self._style.paint(f"{' ' * _INDENT}{' and '.join(filter(None, notes))} held back", "yellow")
        yield ""

    def record(self, record: ReadableLogRecord) -> Iterator[str]:
        """Yield the lines of a log record outside any shown trace."""
        clock = self._style.paint(_clock(record.log_record.timestamp), "dim")
        yield f"{clock}  {record_text(record, self._style, _INDENT)}"
        yield from self._error_of(record, " " * _INDENT)

    def _span(self, span: ReadableSpan, margin: str, branch: str, below: str) -> Iterator[str]:
        told = span.attributes or {}
        status = next((str(told[key]) for key in _STATUS if key in told), "")
        named = span.name
        if told.get("url.scheme", told.get("http.scheme")) in _WEBSOCKET:
            # The instrumentation calls WebSockets HTTP, and gives status 200 to those that were sent anything.
            named, status = f"WebSocket {named.removeprefix('HTTP ')}", status if status != _SENT else ""
        failed = span.status.status_code is StatusCode.ERROR or status[:1] == "5"
        right = f"{status:>3}  {_duration(span):>9}" if status else _duration(span)
        taken = _INDENT + len(branch) + len(right) + 1
        name = self._style.fit(named, taken)
        gap = " " * max(self._style.width - taken - len(name) + 1, 1)
        colour = "red" if failed else "bold" if span.kind is SpanKind.SERVER else "cyan"
        right = self._style.paint(right, "red" if failed else "dim")
        yield f"{margin}{self._style.paint(branch, 'dim')}{self._style.paint(name, colour)}{gap}{right}"
        items = self._items(span)
        statement = next((told[key] for key in _STATEMENT if key in told), None)
        if isinstance(statement, str) and statement != span.name:
            bar = "│ " if items else "  "
            line = f"{below}{bar}{self._style.fit(statement, _INDENT + len(below) + 2)}"
            yield " " * _INDENT + self._style.paint(line, "dim")
        for number, item in enumerate(items):
            yield from self._branch(item, below, is_last=number == len(items) - 1)

    def _branch(self, item: Any, below: str, *, is_last: bool) -> Iterator[str]:
        yield from self._item(item, below + ("└─ " if is_last else "├─ "), below + ("   " if is_last else "│  "))

    def _items(self, span: ReadableSpan) -> list[Any]:
        """Return what happened inside a span, in order of time: spans, log records and events."""
        items: list[tuple[int, Any]] = [(child.start_time or 0, child) for child in self._trace.children(span)]
        items += [(record.log_record.timestamp or 0, record) for record in self._trace.records_of(span)]
        # A framework and a server each record an error that passes through them; a log line shows it as well.
        shown = {_error_key(record.log_record.attributes) for record in self._trace.records_of(span)} - {None}
        for event in span.events:
            key = _error_key(event.attributes)
            if key is None or key not in shown:
                items.append((event.timestamp, event))
            shown.add(key)
        return [item for _, item in sorted(items, key=lambda item: item[0])]

    def _item(self, item: Any, branch: str, below: str) -> Iterator[str]:
        margin, tree = " " * _INDENT, self._style.paint(branch, "dim")
        if hasattr(item, "kind"):
            yield from self._span(item, margin, branch, below)
            return
        if hasattr(item, "log_record"):
            yield f"{margin}{tree}{record_text(item, self._style, _INDENT + len(branch))}"
            yield from self._error_of(item, margin + below)
            return
        else:
            told = item.attributes or {}
            known = "exception.type" in told
            taken = _INDENT + len(branch)
            yield f"{margin}{tree}{self._error(told, taken) if known else self._style.fit(item.name, taken)}"
        yield from self._frames(told, margin + below)

    def _error_of(self, record: ReadableLogRecord, margin: str) -> Iterator[str]:
        told = record.log_record.attributes or {}
        if "exception.type" in told:
            yield f"{margin}{self._error(told, len(margin))}"
        yield from self._frames(told, margin)

    def _error(self, told: Mapping[str, Any], taken: int) -> str:
        kind, message = str(told["exception.type"]).rpartition(".")[2], told.get("exception.message")
        return self._style.paint(self._style.fit(f"{kind}: {message}" if message else kind, taken), "red")

    def _frames(self, told: Mapping[str, Any], margin: str) -> Iterator[str]:
        lines = str(told.get("exception.stacktrace", "")).splitlines()
        frames = [
            line.strip().removeprefix('File "').partition('", line ') for line in lines if line.startswith("  File")
        ]
        # The interesting frames are those of the application, not of the framework that passed the error on.
        own = [frame for frame in frames if _is_own(frame[0])] or frames
        for file, _, place in own[-_MAX_FRAMES:]:
            yield f"{margin}  {self._style.paint(self._style.fit(f'{file}:{place}', len(margin) + 2), 'dim')}"


def record_text(record: ReadableLogRecord, style: Style, taken: int) -> str:
    """Return a log record's level, logger and body."""
    written = record.log_record
    level = written.severity_text or "LOG"
    number = written.severity_number.value if written.severity_number is not None else 0
    colour = "red" if number >= _ERROR_LEVEL else "yellow" if number >= _WARNING_LEVEL else "green"
    name = record.instrumentation_scope.name if record.instrumentation_scope is not None else ""
    body = style.fit(str(written.body), taken + len(level) + len(name) + 2)
    return f"{style.paint(level, colour)} {style.paint(name, 'dim')} {body}"


def _error_key(told: Mapping[str, Any] | None) -> tuple[Any, Any] | None:
    """Return what tells one exception from another, or None if there is none."""
    return (told["exception.type"], told.get("exception.message")) if told and "exception.type" in told else None


def _is_own(path: str) -> bool:
    """Return whether a file, named as in an export, is the application's."""
    module = sys.modules.get(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return not path.startswith("pazpaz_otel/") and not is_installed(getattr(module, "__file__", None) or "")


def _held_back(span: ReadableSpan) -> int:
    return int(span.dropped_attributes) + sum(int(event.dropped_attributes) for event in span.events)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _duration(span: ReadableSpan) -> str:
    milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
    return f"{milliseconds / 1000:.2f} s" if milliseconds >= _SECONDS_FROM else f"{milliseconds:.1f} ms"


def _clock(nanoseconds: int | None) -> str:
    return datetime.fromtimestamp((nanoseconds or 0) / 1e9).astimezone().strftime("%H:%M:%S.%f")[:-3]
