"""The tree on the terminal: what is in it, how it fits, and when it is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from pazpaz_otel.otel.console.render import Style, TraceView
from pazpaz_otel.otel.console.tree import Trace, Trees

MILLISECOND = 1_000_000
START = 1_790_000_000_000 * MILLISECOND


def context(span_id: int, *, remote: bool = False) -> SpanContext:
    return SpanContext(7, span_id, is_remote=remote, trace_flags=TraceFlags(1))


def span(number: int, name: str, start: int, end: int, **options: Any) -> ReadableSpan:
    return ReadableSpan(
        name, context(number), start_time=START + start * MILLISECOND, end_time=START + end * MILLISECOND, **options
    )


def record(span_id: int, body: str, at: int, **options: Any) -> ReadableLogRecord:
    written = LogRecord(
        timestamp=START + at * MILLISECOND,
        context=trace.set_span_in_context(trace.NonRecordingSpan(context(span_id))),
        severity_number=SeverityNumber.INFO,
        severity_text="INFO",
        body=body,
        **options,
    )
    scope = InstrumentationScope("clinic.notes")
    return ReadableLogRecord(log_record=written, resource=Resource({}), instrumentation_scope=scope)


REQUEST = span(
    1,
    "GET /clients/{client_id}",
    0,
    12,
    kind=SpanKind.SERVER,
    attributes={"http.response.status_code": 500},
    status=Status(StatusCode.ERROR),
    parent=context(99, remote=True),
)
STATEMENT = "SELECT clients.name, clients.phone FROM clients WHERE clients.workspace_id = ? AND clients.id = ?"
QUERY = span(
    2, "SELECT clients", 1, 3, kind=SpanKind.CLIENT, attributes={"db.query.text": STATEMENT}, parent=context(1)
)
ERROR = {
    "exception.type": "app.errors.SlotTaken",
    "exception.message": "no slot for {name}",
    "exception.stacktrace": '  File "app/services.py", line 42, in book\napp.errors.SlotTaken',
}


def seen(style: Style) -> list[str]:
    whole = Trace([QUERY, REQUEST], [record(1, "note saved for %s", 4), record(1, "it failed", 5, attributes=ERROR)])
    return list(TraceView(whole, style).lines())


def test_a_request_is_a_tree():
    """Spans and log lines stand below the span they belong to, in time, with errors and their frames."""
    assert [line[14:].rstrip() for line in seen(Style(80))] == [
        "GET /clients/{client_id}                            500    12.0 ms",
        "├─ SELECT clients                                           2.0 ms",
        "│    SELECT clients.name, clients.phone FROM clients WHERE client…",
        "├─ INFO clinic.notes note saved for %s",
        "└─ INFO clinic.notes it failed",
        "   SlotTaken: no slot for {name}",
        "     app/services.py:42, in book",
        "",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int):
    """Names, statements and messages are cut to the width."""
    assert max(map(len, seen(Style(width)))) <= width


def test_colour_adds_nothing_but_colour():
    """With the escapes taken out, a coloured tree is the plain one."""
    coloured = seen(Style(80, colour=True))
    assert any("\x1b[31m" in line for line in coloured)
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == seen(Style(80))


def test_what_was_held_back_is_counted():
    """The number of dropped attributes and of texts that stayed is said once a request."""
    written = record(1, "<redacted>", 1)
    told = list(TraceView(Trace([REQUEST], [written]), Style(80)).lines())
    assert told[-2].strip() == "1 text held back"


def test_a_trace_is_shown_when_its_root_has_ended():
    """Children and records wait for the span whose parent isn't in this process; what comes later stands alone."""
    shown: list[Trace] = []
    alone: list[Any] = []
    trees = Trees(shown.append, alone.append)
    trees.add_records([record(1, "note saved for %s", 4)])
    trees.add_spans([QUERY])
    assert shown == []
    trees.add_spans([REQUEST])
    assert [(len(whole.spans), len(whole.records)) for whole in shown] == [(2, 1)]
    assert alone == []


def test_what_comes_later_names_its_request():
    """Spans and records of a background task are shown with the name of the request, which was shown before."""
    shown: list[Trace] = []
    trees = Trees(shown.append, lambda _: None)
    trees.add_spans([REQUEST])
    trees.add_records([record(3, "in the task", 21)])
    trees.add_spans([span(4, "SELECT", 21, 22, parent=context(3))])
    assert len(shown) == 1
    trees.add_spans([span(3, "BackgroundTask clean", 20, 30, parent=context(1))])
    trees.add_records([record(1, "by itself", 31)])
    assert [[line[14:].split("  ")[0] for line in TraceView(late, Style(80)).lines()] for late in shown[1:]] == [
        ["after GET /clients/{client_id}", "└─ BackgroundTask clean", "", "", ""],
        ["after GET /clients/{client_id}", "└─ INFO clinic.notes by itself", ""],
    ]
    assert [len(late.spans) for late in shown[1:]] == [2, 0]


def test_what_ends_just_after_its_request_belongs_to_it():
    """A span that ends behind its root, in the same batch, stands in the tree."""
    shown: list[Trace] = []
    Trees(shown.append, lambda _: None).add_spans([REQUEST, span(3, "send", 11, 13, parent=context(1))])
    assert [[one.name for one in whole.spans] for whole in shown] == [[REQUEST.name, "send"]]


def test_a_process_that_calls_itself_loses_nothing():
    """A request within a request of one trace is shown by itself; spans and records of the outer one wait for it."""
    shown: list[Trace] = []
    trees = Trees(shown.append, lambda _: None)
    outer = span(5, "GET /outer", 0, 20, kind=SpanKind.SERVER)
    trees.add_records([record(5, "before", 1), record(1, "inside", 3)])
    trees.add_spans([REQUEST])
    trees.add_records([record(5, "behind", 14)])
    trees.add_spans([outer])
    assert [[one.log_record.body for one in whole.records] for whole in shown] == [["inside"], ["before", "behind"]]
    assert [whole.after for whole in shown] == [None, None]


def test_a_record_of_a_span_that_is_not_sampled_is_told():
    """A log record whose span nobody exports doesn't wait for it."""
    alone: list[Any] = []
    trees = Trees(lambda _: None, alone.append)
    one = record(1, "kept", 1)
    one.log_record.trace_flags = TraceFlags(0)
    trees.add_records([one])
    assert alone == [one]


def test_a_web_socket_is_called_one():
    """What the instrumentation calls HTTP, with a status that no WebSocket has, is shown as a WebSocket."""
    told = {"url.scheme": "ws", "http.response.status_code": 200}
    socket = span(1, "HTTP /rooms/{room}", 0, 12, kind=SpanKind.SERVER, attributes=told)
    line, _ = TraceView(Trace([socket]), Style(60)).lines()
    assert line[14:].split() == ["WebSocket", "/rooms/{room}", "12.0", "ms"]


def test_a_long_name_is_cut_not_lost():
    """A route that is wider than the terminal is shown as far as there is room."""
    long = span(1, "GET /workspaces/{workspace_id}/appointments/{appointment_id}/treatments", 0, 12)
    line, _ = TraceView(Trace([long]), Style(60)).lines()
    assert line[14:].startswith("GET /workspaces/{workspace_id}/")


def test_what_is_not_whole_is_shown_at_the_end():
    """A process that ends shows the spans whose root never ended."""
    shown: list[Trace] = []
    trees = Trees(shown.append, lambda _: None)
    trees.add_spans([QUERY])
    trees.flush()
    assert [whole.roots for whole in shown] == [[QUERY]]


def test_unfinished_traces_do_not_grow_without_bound():
    """Of ten thousand traces that never end a few hundred wait; the others' records are told."""
    told: list[Any] = []
    trees = Trees(lambda _: None, told.append)
    for number in range(10_000):
        one = record(1, "a line", 1)
        one.log_record.trace_id = number + 1
        trees.add_records([one])
    assert len(trees._open) <= 256
    assert len(told) >= 10_000 - 256


def test_a_line_without_a_trace():
    """A log record outside a request has its time, and its error with the frames, as a thread's has."""
    lines = list(TraceView(Trace(), Style(80)).record(record(0, "started", 0)))
    assert [re.sub(r"^[\d:.]{12}", "", line) for line in lines] == ["  INFO clinic.notes started"]
    lines = list(TraceView(Trace(), Style(80)).record(record(0, "job failed for %s", 0, attributes=ERROR)))
    assert [line[14:] for line in lines] == [
        "INFO clinic.notes job failed for %s",
        "SlotTaken: no slot for {name}",
        "  app/services.py:42, in book",
    ]


@pytest.mark.parametrize("logged", [True, False])
def test_an_error_is_shown_once(logged: bool):
    """One error that framework and server both recorded on a WebSocket's span, and may have logged, is shown once."""
    events = [Event("exception", ERROR, START + at * MILLISECOND) for at in (5, 6)]
    socket = span(1, "HTTP /rooms/{room}", 0, 12, attributes={"url.scheme": "ws"}, events=events)
    records = [record(1, "it failed", 5, attributes=ERROR)] if logged else []
    lines = list(TraceView(Trace([socket], records), Style(80)).lines())
    assert lines[0][14:].startswith("WebSocket /rooms/{room} ")
    assert sum("SlotTaken" in line for line in lines) == 1
