"""Many servers on loopback: two API hosts, three agents, two gateways of which one is killed, one Prometheus."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.sinks import GrpcSink, HttpSink
from tests.faults import truth
from tests.faults.application import CountingApplication
from tests.faults.load import Load
from tests.programs import Prometheus, wait_until
from tests.programs.stack import FEATURES, TOKEN
from tests.programs.tiers import Agent, Gateway
from tests.stack.otlp import post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.programs.tiers import NamedAgent

AGENTS = 3
_WORKSPACES = 16
_FAILED_EVERY = 5
_COPIES = 20
"""How often a span may arrive, whose gateway was fine while another gateway was not."""
FLAGS = ("--web.enable-remote-write-receiver", FEATURES)
CONFIG = {"storage": {"tsdb": {"out_of_order_time_window": "10m"}}}


@dataclass
class Many:
    """Truth and measurement of one run.

    Attributes:
        truth: what both applications wrote down.
        measured: events by workspace.
        series: of the counter, and how many there should be.
        senders: identities that say of what policy they are, in the environment that the gateways are told.
        traces: sent by hand, a span of each by way of each agent.
        places: of each of those traces, the gateways that it went through.
        spans: of each of those traces, its different spans that arrived.
        sampled: of each of those traces that reached Sentry, its different spans.
        failed: of those traces, the ids that end in an error, which all have to reach Sentry.
        held: those that were sent before the kill.
        shares: traces by gateway.
        copies: how often the span that arrived most often did.
    """

    truth: truth.Truth
    measured: dict[str, float] = field(default_factory=dict)
    series: tuple[int, int] = (0, 0)
    senders: float = 0
    traces: list[bytes] = field(default_factory=list)
    places: dict[bytes, set[int]] = field(default_factory=dict)
    spans: dict[bytes, set[bytes]] = field(default_factory=dict)
    sampled: dict[bytes, set[bytes]] = field(default_factory=dict)
    failed: list[bytes] = field(default_factory=list)
    held: set[bytes] = field(default_factory=set)
    shares: Counter[int] = field(default_factory=Counter)
    copies: int = 0

    def rows(self) -> list[tuple[str, float, float]]:
        """Return what has to be equal: name, truth, measurement."""
        whole = [trace for trace in self.traces if len(self.spans.get(trace, ())) == AGENTS]
        one_place = [trace for trace in self.traces if len(self.places.get(trace, ())) == 1]
        off = [name for name, events in self.truth.by_workspace.items() if self.measured.get(name, 0) != events]
        # What the killed gateway held until its decision is in Tempo, and lost for Sentry.
        due = [trace for trace in self.failed if trace not in self.held or 0 not in self.places.get(trace, ())]
        sampled = [trace for trace in due if len(self.sampled.get(trace, ())) == AGENTS]
        cut = [spans for spans in self.sampled.values() if len(spans) != AGENTS]
        return [
            ("events", self.truth.total, sum(self.measured.values())),
            ("workspaces that are off", 0, len(off)),
            ("series", self.series[1], self.series[0]),
            ("senders, each with an identity", 2, self.senders),
            ("traces of three agents in one gateway", len(self.traces), len(one_place)),
            ("traces with all their spans", len(self.traces), len(whole)),
            ("failed traces whole in Sentry", len(due), len(sampled)),
            ("traces cut in Sentry", 0, len(cut)),
            ("gateways that took traces", 2, len(self.shares)),
            (f"copies of a span beyond {_COPIES}", 0, max(0, self.copies - _COPIES)),
        ]

    def faults(self) -> list[str]:
        """Return what isn't as it should be."""
        return [f"{name}: {measured:g}, not {true:g}" for name, true, measured in self.rows() if true != measured]

    def table(self) -> str:
        """Return truth beside measurement, for people."""
        return "\n".join(f"{name:40} {true:>12g} {measured:>12g}" for name, true, measured in self.rows())


def run(folder: Path, *, seconds: float = 20, say: Callable[[str], None] = lambda _: None) -> Many:
    """Run both applications under load; kill a gateway halfway and bring it back.

    Args:
        folder: of its own.
        seconds: of load.
        say: told what happens.
    """
    workspaces = [str(uuid.uuid4()) for _ in range(_WORKSPACES)]
    with ExitStack() as stack:
        prometheus = stack.enter_context(Prometheus(CONFIG, folder / "prometheus", arguments=FLAGS))
        sentry = stack.enter_context(HttpSink())
        tempos = [stack.enter_context(GrpcSink()) for _ in range(2)]
        gateways = [
            stack.enter_context(
                Gateway(
                    folder / f"gateway-{number}",
                    traces_to=tempo.endpoint,
                    metrics_to=f"{prometheus.url}/api/v1/write",
                    sentry_to=f"{sentry.endpoint}/v1/traces",
                )
            )
            for number, tempo in enumerate(tempos)
        ]
        agents = [stack.enter_context(Agent(folder / f"agent-{number}", gateways)) for number in range(AGENTS)]
        hosts = [
            stack.enter_context(
                CountingApplication(
                    folder / f"host-{number}",
                    "gunicorn",
                    agents[number].guarded_http,
                    workers=2,
                    environment={"OTEL_TRACES_EXPORTER": "none"},
                )
            )
            for number in range(2)
        ]
        started = time.time()
        many = Many(truth.Truth())
        with ExitStack() as loads:
            for host in hosts:
                loads.enter_context(Load(host.port, workspaces, rate=20))
            _send(agents, many, 40)
            _pause(seconds / 3)
            many.held = set(many.traces)
            say("a gateway is killed")
            gateways[0].kill()
            _send(agents, many, 40)
            _pause(seconds / 3)
            say("it is back")
            gateways[0].start()
            _send(agents, many, 40)
            _pause(seconds / 3)
        many.truth = _both(hosts)
        window = f"{int(time.time() - started) + 120}s"
        _count(prometheus, window, many)
        _find(tempos, sentry, many)
    return many


def _pause(seconds: float) -> None:
    deadline = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > deadline, "the load", seconds + 5)


def _both(hosts: Sequence[CountingApplication]) -> truth.Truth:
    both = truth.Truth()
    for host in hosts:
        one = truth.read(host.truth, {}, 0)
        both.by_workspace += one.by_workspace
        both.durations += one.durations
    return both


def send_traces(agents: Sequence[Agent | NamedAgent], number: int) -> list[bytes]:
    """Send traces with one span by way of each agent, and return their ids; each fifth has failed."""
    requests = [ExportTraceServiceRequest() for _ in agents]
    traces = [os.urandom(16) for _ in range(number)]
    for count, trace in enumerate(traces):
        parent = b""
        for request in requests:
            resource = request.resource_spans.add()
            resource.resource.attributes.add(key="service.name").value.string_value = "by-hand"
            span = resource.scope_spans.add().spans.add()
            span.trace_id, span.span_id, span.parent_span_id, span.name = trace, os.urandom(8), parent, "GET"
            span.start_time_unix_nano = time.time_ns()
            span.end_time_unix_nano = span.start_time_unix_nano + 1_000_000
            if count % _FAILED_EVERY == 0:
                span.status.code = span.status.STATUS_CODE_ERROR
            parent = span.span_id
    for agent, request in zip(agents, requests, strict=True):
        assert post(f"{agent.guarded_http}/v1/traces", request.SerializeToString(), TOKEN) == 200
    return traces


def whole_traces(tempos: Sequence[GrpcSink], spans: int) -> set[bytes]:
    """Return the traces of which so many different spans have arrived, all in one place."""
    return {
        trace
        for tempo in tempos
        for trace, number in Counter(trace for trace, _ in set(_spans(tempo))).items()
        if number == spans
    }


def places(tempos: Sequence[GrpcSink], traces: Sequence[bytes]) -> list[int]:
    """Return how many of some traces are in each place."""
    return [len({trace for trace, _ in _spans(tempo)} & set(traces)) for tempo in tempos]


def _send(agents: Sequence[Agent], many: Many, number: int) -> None:
    traces = send_traces(agents, number)
    many.traces += traces
    many.failed += traces[::_FAILED_EVERY]


def _count(prometheus: Prometheus, window: str, many: Many) -> None:
    def arrived() -> bool:
        rows = prometheus.query(f"sum by (workspace_id) (increase(appointments_created_total[{window}] anchored))")
        many.measured = {labels["workspace_id"]: value for labels, value in rows}
        return sum(many.measured.values()) >= many.truth.total

    try:
        wait_until(arrived, "the counts", 60)
    except TimeoutError:
        return
    finally:
        rows = prometheus.query(f"count(last_over_time(appointments_created_total[{window}]))")
        info = 'target_info{environment="production", job="counting", pazpaz_otel_policy_state="current"}'
        senders = prometheus.query(f"count(count by (instance) ({info}))")
        many.senders = senders[0][1] if senders else 0
        many.series = (int(rows[0][1]) if rows else 0, 2 * len(many.truth.by_workspace))


def _find(tempos: Sequence[GrpcSink], sentry: HttpSink, many: Many) -> None:
    def whole() -> bool:
        many.places, many.spans, many.shares = {}, {}, Counter()
        for number, tempo in enumerate(tempos):
            for trace, span in _spans(tempo):
                many.places.setdefault(trace, set()).add(number)
                many.spans.setdefault(trace, set()).add(span)
        for places in many.places.values():
            many.shares.update(places)
        many.sampled = {}
        for trace, span in _spans(sentry):
            many.sampled.setdefault(trace, set()).add(span)
        names = {"traces with all their spans", "failed traces whole in Sentry"}
        return all(true == measured for name, true, measured in many.rows() if name in names)

    try:
        wait_until(whole, "the traces", 60)
    except TimeoutError:
        return
    finally:
        many.copies = max(count for sink in (*tempos, sentry) for count in Counter(_spans(sink)).values())


def _spans(sink: GrpcSink | HttpSink) -> Iterator[tuple[bytes, bytes]]:
    for request in sink.messages(ExportTraceServiceRequest):
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                yield from ((span.trace_id, span.span_id) for span in scope.spans)
