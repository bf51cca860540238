"""Shows what left the process: a trace as a tree, the metrics, the log lines beside what the application knew."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pazpaz_otel.audit.facts import value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pazpaz_otel.audit.sinks import HttpSink

_SHOWN = (
    "http.response.status_code",
    "http.route",
    "db.system.name",
    "db.query.text",
    "server.address",
    "error.type",
)
_SERIES = re.compile(
    r"(http_requests_total|http_request_duration_seconds_count|appointments_|session_notes_|active_w|http_requests_inpr"
    r"|pazpaz_otel_guard_dropped)"
)
_LONGEST = 160


def spans_of(sink: HttpSink) -> list[Any]:
    """The spans that arrived."""
    return [
        span
        for message in sink.messages(ExportTraceServiceRequest)
        for resource in message.resource_spans  # type: ignore[attr-defined]
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def trace_trees(spans: Sequence[Any]) -> list[Tree]:
    """Two traces as trees: a request that saved a note, and one that failed."""
    traces: dict[bytes, list[Any]] = defaultdict(list)
    for span in spans:
        traces[span.trace_id].append(span)
    saved = [trace for trace in traces.values() if any(span.name.startswith("PUT") for span in trace)]
    failed = [trace for trace in traces.values() if any(_message(span) for span in trace)]
    chosen = [max(saved, key=len)] if saved else []
    # An error whose words the source proves is worth more to look at than one that lost them.
    readable = [trace for trace in failed if any(_message(span) not in {"", "<redacted>"} for span in trace)]
    chosen += (readable or failed)[:1]
    return [_tree(trace) for trace in chosen]


def metrics_table(exposed: str) -> Table:
    """The series that Prometheus scrapes, as it would store them."""
    table = Table(title="Metrics, as Prometheus scrapes them", title_justify="left", expand=True)
    table.add_column("series", overflow="fold")
    table.add_column("value", justify="right")
    rows = [line.rsplit(" ", 1) for line in exposed.splitlines() if _SERIES.match(line) and "_created{" not in line]
    for series, value in _fewer(rows, 22):
        table.add_row(series, f"{float(value):g}")
    return table


def log_table(output: bytes, lines: Sequence[dict[str, str]], planted: Iterable[str]) -> Table:
    """Log lines as they left, next to what the application knew."""
    left = [json.loads(line) for line in output.decode("utf-8", "replace").splitlines() if line.startswith('{"event')]
    table = Table(title="Log lines: what the application knew, and what left", title_justify="left", expand=True)
    table.add_column("the application knew", ratio=1, overflow="fold")
    table.add_column("left", ratio=1, overflow="fold")
    secrets = sorted(planted, key=len, reverse=True)
    shown: set[str] = set()
    for knew, line in zip(lines, left, strict=False):
        text = knew["knew"]
        if knew["template"] in shown or not any(secret in text for secret in secrets):
            continue
        shown.add(knew["template"])
        table.add_row(_marked(_short(text), secrets), Text(_line(line)))
        if len(shown) == 8:  # noqa: PLR2004 - a screenful
            break
    return table


def _fewer(rows: list[list[str]], most: int) -> list[list[str]]:
    """At most so many rows, some of each metric."""
    by_name: dict[str, list[list[str]]] = defaultdict(list)
    for row in rows:
        by_name[row[0].partition("{")[0]].append(row)
    each = max(1, most // max(1, len(by_name)))
    return [row for group in by_name.values() for row in group[:each]]


def _marked(text: str, secrets: Iterable[str]) -> Text:
    marked = Text(text)
    # Each makes a regular expression, and of the day's thousand names few are in a line.
    for secret in filter(text.__contains__, secrets):
        marked.highlight_words([secret], style="bold red")
    return marked


def _line(line: dict[str, Any]) -> str:
    skipped = {"timestamp", "trace_id", "span_id", "request_id", "level", "exception"}
    fields = [f"{key}={value}" for key, value in line.items() if key not in skipped and key != "event"]
    last = str(line.get("exception", "")).strip().rpartition("\n")[2]
    return "  ".join(
        [str(line["event"]), *fields, *([last] if last else []), f"trace_id={str(line.get('trace_id', '-'))[:8]}…"]
    )


def _tree(trace: list[Any]) -> Tree:
    ids = {span.span_id for span in trace}
    roots = [span for span in trace if span.parent_span_id not in ids]
    tree = Tree(f"[bold]trace {trace[0].trace_id.hex()}[/bold]")

    def add(branch: Tree, span: Any) -> None:
        took = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
        label = Text.assemble((span.name, "cyan"), f"  {took:.1f} ms")
        found = {one.key: value_text(one.value) for one in span.attributes}
        for key in _SHOWN:
            if key in found:
                label.append(f"\n{key} = {_short(found[key])}", style="dim")
        if message := _message(span):
            label.append(f"\nexception: {message}", style="red")
        if span.dropped_attributes_count:
            label.append(f"\n{span.dropped_attributes_count} attributes dropped", style="yellow")
        node = branch.add(label)
        for child in sorted(trace, key=lambda one: one.start_time_unix_nano):
            if child.parent_span_id == span.span_id:
                add(node, child)

    for root in roots:
        add(tree, root)
    return tree


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _message(span: Any) -> str:
    for event in span.events:
        found = {one.key: value_text(one.value) for one in event.attributes}
        if "exception.type" in found:
            return f"{found['exception.type']}: {found.get('exception.message', '')}"
    return ""
