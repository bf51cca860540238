"""How much of what the stock instrumentations emit is still there under the guards.

Two runs of one application with the same traffic are compared attribute by attribute. A run's attributes are grouped
by what carries them (a span of one instrumentation and kind, an event, the points of a metric, log records of one
severity), because the spans of two runs can't be matched one to one.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.facts import value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pazpaz_otel.audit.scan import Scanner
    from pazpaz_otel.audit.sinks import Received

FORBIDDEN = (
    "client.address",
    "network.peer.address",
    "net.peer.ip",
    "net.sock.peer.addr",
    "net.host.ip",
    "http.client_ip",
    "user_agent.original",
    "http.user_agent",
    "url.query",
    "http.request.header.*",
    "http.response.header.*",
)
"""What the policy's rules never let out: client addresses, user agents, queries, headers."""

TYPED = (
    "url.path",
    "http.target",
    "url.full",
    "http.url",
    "db.query.text",
    "db.statement",
    "db.operation",
    "db.operation.name",
    "exception.message",
    "exception.stacktrace",
    "code.file.path",
    "db.name",
    "db.namespace",
)
"""What leaves in another form: a route for a path, an origin for a URL, a statement without literals, an operation
without the database's path, an exception's words where the source proves them and a placeholder otherwise."""

OF_THE_INSTRUMENTATION = ("exception.*", "code.*", "otel*")
"""The attributes of a log record that the instrumentation itself makes; the rest are the application's own fields,
which leave if the policy names them."""

VOLATILE = ("*.port", "*.id", "*_id", "thread.*", "*.size", "*length", "duration_ms", "timestamp", "code.line.number")
"""What differs between any two runs; its type has to be the same."""

_PORT = re.compile(r"(?<=127\.0\.0\.1):[0-9]+")

Place = tuple[str, str]
"""What carries an attribute, and the attribute's key."""


@dataclass
class Comparison:
    """The result: how many attributes stock emitted that may leave, and how many of them ours emitted too."""

    expected: int = 0
    survived: int = 0
    lost: Counter[Place] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """The part that survived, from 0 to 1."""
        return self.survived / self.expected


def compare(stock: Iterable[Received], ours: Iterable[Received], patients: Scanner) -> Comparison:
    """Compare two runs.

    Args:
        stock: what the stock run sent.
        ours: what the guarded run sent.
        patients: finds the patient data of the traffic; a value that holds some isn't expected to survive.
    """
    kept: dict[Place, Counter[str]] = defaultdict(Counter)
    for place, value in _attributes(ours):
        kept[place][value] += 1
    carriers = {place[0] for place in kept}
    result = Comparison()
    for (carrier, key), value in _attributes(stock):
        # Spans that ours doesn't make at all (ASGI send and receive, connections) are left out by design.
        if carrier not in carriers or _like(key, FORBIDDEN):
            continue
        typed = key in TYPED
        if not typed and any(True for _ in patients.text(value, key)):
            continue
        result.expected += 1
        found = kept.get((carrier, key), Counter())
        if found and (typed or _like(key, VOLATILE) or value in found):
            result.survived += 1
        else:
            result.lost[carrier, key] += 1
    return result


def _like(key: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns)


def _attributes(received: Iterable[Received]) -> Iterator[tuple[Place, str]]:
    for one in received:
        message: Any = one.message
        if isinstance(message, ExportTraceServiceRequest):
            yield from _of_spans(message)
        elif isinstance(message, ExportLogsServiceRequest):
            for record in (r for res in message.resource_logs for s in res.scope_logs for r in s.log_records):
                own = [pair for pair in record.attributes if _like(pair.key, OF_THE_INSTRUMENTATION)]
                yield from _pairs(f"log {record.severity_text}", own)
        elif isinstance(message, ExportMetricsServiceRequest):
            for metric in (m for res in message.resource_metrics for s in res.scope_metrics for m in s.metrics):
                for point in getattr(metric, metric.WhichOneof("data")).data_points:
                    yield from _pairs(f"metric {metric.name}", point.attributes)


def _of_spans(message: Any) -> Iterator[tuple[Place, str]]:
    for scope in (s for resource in message.resource_spans for s in resource.scope_spans):
        for span in scope.spans:
            yield from _pairs(f"{scope.scope.name} span of kind {span.kind}", span.attributes)
            for event in span.events:
                yield from _pairs("span event", event.attributes)


def _pairs(carrier: str, attributes: Any) -> Iterator[tuple[Place, str]]:
    for pair in attributes:
        # The type goes with the value: a number that became text hasn't survived.
        yield (carrier, pair.key), f"{pair.value.WhichOneof('value')}: {_PORT.sub('', value_text(pair.value))}"
