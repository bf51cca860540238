"""What a span, a data point and a series cost in each tier, measured here, and what larger installations come to."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.faults.servers import CONFIG, FLAGS
from tests.programs import Prometheus, wait_until
from tests.programs.stack import TOKEN
from tests.programs.tiers import one_of_each
from tests.stack.otlp import post

if TYPE_CHECKING:
    from pathlib import Path

    from pazpaz_otel.audit.sinks import GrpcSink
    from tests.programs import Program

SPANS = 60_000
_BATCH = 500
WORKSPACES = 10_000
_ROUNDS = 4
_SQL = "SELECT id, starts_at FROM appointments WHERE workspace_id = ? ORDER BY starts_at LIMIT ?"


@dataclass(frozen=True)
class Costs:
    """What was measured.

    Attributes:
        agent_span: µs of CPU.
        gateway_span: µs of CPU, tail sampling for Sentry included.
        agent_point: µs of CPU a data point.
        gateway_point: µs of CPU a data point.
        span_bytes: of a span as it reaches the trace store, before compression.
        agent_mib: largest resident memory.
        gateway_mib: largest resident memory.
        series_bytes: of Prometheus' resident memory a series.
    """

    agent_span: float
    gateway_span: float
    agent_point: float
    gateway_point: float
    span_bytes: float
    agent_mib: float
    gateway_mib: float
    series_bytes: float

    def table(self) -> str:
        """Return it as a table for the docs."""
        rows = [
            ("CPU of a span in an agent", f"{self.agent_span:.0f} µs"),
            ("CPU of a span in a gateway, wall and tail sampling", f"{self.gateway_span:.0f} µs"),
            ("CPU of a data point in an agent", f"{self.agent_point:.1f} µs"),
            ("CPU of a data point in a gateway", f"{self.gateway_point:.1f} µs"),
            ("a span as it reaches the trace store, uncompressed", f"{self.span_bytes:.0f} bytes"),
            ("largest memory of the agent", f"{self.agent_mib:.0f} MiB"),
            ("largest memory of the gateway", f"{self.gateway_mib:.0f} MiB"),
            ("memory of a series in Prometheus", f"{self.series_bytes / 1024:.1f} KiB"),
        ]
        head = f"| measured: {SPANS:,} spans and {WORKSPACES:,} series, four times | |\n|---|---|"
        return "\n".join([head, *(f"| {name} | {value} |" for name, value in rows)])


@dataclass(frozen=True)
class Installation:
    """A size that somebody has in mind.

    Attributes:
        workspaces: that exist.
        requests: a minute.
        hosts: that serve them, each with one identity of its own.
    """

    workspaces: int
    requests: int
    hosts: int

    def row(self, costs: Costs) -> str:
        """Return what it comes to, by the measured costs, as a row of the docs' table."""
        spans = self.requests / 60 * SPANS_A_REQUEST
        series = self.hosts * (self.workspaces * METRICS_OF_A_WORKSPACE + SERIES_OF_A_HOST)
        points = series / EXPORT_SECONDS
        gateways = (spans * costs.gateway_span + points * costs.gateway_point) / 1e6
        agents = (spans * costs.agent_span + points * costs.agent_point) / 1e6
        disk = spans * costs.span_bytes * 86_400 / 1e9
        return (
            f"| {self.workspaces:,} | {self.requests:,} | {self.hosts} | {spans:,.0f} | {series:,} | {points:,.0f} "
            f"| {agents:.2f} | {gateways:.2f} | {series * costs.series_bytes / 2**30:.1f} GiB | {disk:,.0f} GB |"
        )


SPANS_A_REQUEST = 3
METRICS_OF_A_WORKSPACE = 4
SERIES_OF_A_HOST = 84 * 2 * 20
"""84 routes with two statuses each, and a histogram of 18 buckets with its sum and count."""
EXPORT_SECONDS = 5
INSTALLATIONS = (
    Installation(50, 600, 1),
    Installation(500, 10_000, 2),
    Installation(2_000, 100_000, 4),
    Installation(10_000, 1_000_000, 20),
)


def computed(costs: Costs) -> str:
    """Return the table of installations."""
    head = (
        "| workspaces | requests a minute | API hosts | spans/s | series | points/s | agents, cores in all "
        "| gateways, cores in all | Prometheus | spans a day, uncompressed |\n" + "|---" * 10 + "|"
    )
    return "\n".join([head, *(one.row(costs) for one in INSTALLATIONS)])


def measure(folder: Path) -> Costs:
    """Send spans and data points by way of one agent and one gateway."""
    with (
        Prometheus(CONFIG, folder / "prometheus", arguments=FLAGS) as prometheus,
        one_of_each(folder, prometheus.url) as (agent, gateway, tempo),
    ):
        tiers = (agent, gateway)
        before = [_cpu(tier) for tier in tiers]
        for _ in range(SPANS // _BATCH):
            assert post(f"{agent.guarded_http}/v1/traces", _spans().SerializeToString(), TOKEN) == 200
        wait_until(lambda: _arrived(tempo) >= SPANS, "the spans", 120)
        spans = [(_cpu(tier) - was) / SPANS * 1e6 for tier, was in zip(tiers, before, strict=True)]
        size = sum(one.message.ByteSize() for one in tempo.received if one.message is not None) / _arrived(tempo)

        empty = _memory(prometheus, "VmRSS")
        before = [_cpu(tier) for tier in tiers]
        workspaces = [str(uuid.uuid4()) for _ in range(WORKSPACES)]
        start = time.time_ns()
        for number in range(_ROUNDS):
            for first in range(0, WORKSPACES, _BATCH):
                body = _points(workspaces[first : first + _BATCH], start, number).SerializeToString()
                assert post(f"{agent.guarded_http}/v1/metrics", body, TOKEN) == 200
        wait_until(lambda: _total(prometheus) == WORKSPACES * (_ROUNDS - 1), "the points", 120)
        points = [(_cpu(tier) - was) / (WORKSPACES * _ROUNDS) * 1e6 for tier, was in zip(tiers, before, strict=True)]
        memory = _memory(prometheus, "VmRSS") - empty
        return Costs(*spans, *points, size, *(_memory(tier, "VmHWM") / 2**20 for tier in tiers), memory / WORKSPACES)


def _cpu(program: Program) -> float:
    with open(f"/proc/{program.pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - one line of a file of the kernel
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(program: Program, name: str) -> float:
    with open(f"/proc/{program.pid}/status", encoding="ascii") as file:  # noqa: PTH123 - the same
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))


def _arrived(tempo: GrpcSink) -> int:
    return sum(
        len(scope.spans)
        for request in tempo.messages(ExportTraceServiceRequest)
        for resource in request.resource_spans
        for scope in resource.scope_spans
    )


def _total(prometheus: Prometheus) -> float:
    rows = prometheus.query("sum(appointments_created_total)")
    return rows[0][1] if rows else 0


def _spans() -> ExportTraceServiceRequest:
    """Requests as they are: one server's span with two of the database below it."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    _set(resource.resource.attributes, {"service.name": "api", "service.version": "1.2.3"})
    spans = resource.scope_spans.add().spans
    trace = server = b""
    for number in range(_BATCH):
        span = spans.add()
        first = number % SPANS_A_REQUEST == 0
        if first:
            trace, server = os.urandom(16), os.urandom(8)
        span.trace_id, span.span_id = trace, server if first else os.urandom(8)
        span.start_time_unix_nano = time.time_ns()
        span.end_time_unix_nano = span.start_time_unix_nano + 3_000_000
        if first:
            span.name, span.kind = "GET /api/v1/appointments/{appointment_id}", span.SPAN_KIND_SERVER
            _set(
                span.attributes,
                {
                    "http.request.method": "GET",
                    "http.route": "/api/v1/appointments/{appointment_id}",
                    "http.response.status_code": 200,
                    "url.scheme": "https",
                    "network.protocol.version": "1.1",
                    "workspace.id": str(uuid.uuid4()),
                },
            )
        else:
            span.name, span.kind, span.parent_span_id = "SELECT appointments", span.SPAN_KIND_CLIENT, server
            _set(
                span.attributes,
                {"db.system.name": "postgresql", "db.query.text": _SQL, "db.operation.name": "SELECT"},
            )
    return request


def _points(workspaces: list[str], start: int, value: int) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    _set(resource.resource.attributes, {"service.name": "api", "service.instance.id": "one"})
    metric = resource.scope_metrics.add().metrics.add()
    metric.name, metric.unit = "appointments.created", "{appointment}"
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = 2  # cumulative
    for workspace in workspaces:
        point = metric.sum.data_points.add()
        point.start_time_unix_nano, point.time_unix_nano, point.as_int = start, time.time_ns(), value
        _set(point.attributes, {"workspace.id": workspace})
    return request


def _set(attributes: Any, values: dict[str, str | int]) -> None:
    for key, value in values.items():
        item = attributes.add(key=key).value
        if isinstance(value, int):
            item.int_value = value
        else:
            item.string_value = value
