"""The second wall: the shipped Collector configuration in a real Collector, fed with raw OTLP."""

from __future__ import annotations

import base64
import json
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.audit.canaries import CanaryMaker
from pazpaz_otel.audit.scan import Find, Scanner
from pazpaz_otel.policy import load_policy
from tests.programs import GrpcSink, HttpSink
from tests.programs.stack import TOKEN, WallCollector
from tests.stack import surfaces
from tests.stack.otlp import call, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

pytestmark = [pytest.mark.stack, pytest.mark.slow]

PATHS = {
    ExportTraceServiceRequest: ("/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
    ExportMetricsServiceRequest: ("/v1/metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"),
    ExportLogsServiceRequest: ("/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"),
}
MAKERS = (surfaces.traces, surfaces.logs, surfaces.metrics)
SENTINEL = "1a1b1c1d-2222-4333-8444-5e5f55555555"

BELIEVED = (
    "scope_spans.spans.name",
    "scope_spans.spans.status.message",
    "scope_spans.spans.events.name",
    "scope_spans.spans.links.",
    ".scope.name",
    "log_records.body.string_value",
    "log_records.event_name",
    ".exemplars.",
    # What the operator configured, such as the service's name.
    ".resource.attributes.value.string_value",
)
"""What only the process can prove: a guarded sender's word is taken for it."""


@dataclass
class Wall:
    """A Collector, what was planted in what it received, and everything that it put out."""

    collector: WallCollector
    tempo: GrpcSink
    loki: HttpSink
    tokens: dict[str, tuple[str, ...]] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)
    out: dict[str, bytes] = field(default_factory=dict)

    def send(self, message: Message, sender: str, transport: str) -> object:
        """Send a request and return the answer: an HTTP status or a gRPC status code."""
        path, method = PATHS[type(message)]
        if transport == "http":
            base = self.collector.guarded_http if sender == "guarded" else self.collector.strict_http
            return post(base + path, message.SerializeToString(), TOKEN if sender == "guarded" else None)
        target = self.collector.guarded_grpc if sender == "guarded" else self.collector.strict_grpc
        return call(target, method, message.SerializeToString(), TOKEN if sender == "guarded" else None)

    @cached_property
    def finds(self) -> list[Find]:
        """Planted strings that stand in anything the Collector put out."""
        scanner = Scanner(self.tokens)
        return [find for where, data in self.out.items() for find in scanner.data(data, where)]


def every_plant(maker: CanaryMaker) -> Iterator[tuple[str, Message, tuple[str, ...]]]:
    """Surface, request and tokens of one planted string for every field of every signal, and then the crafty ones."""
    for make in MAKERS:
        for surface, takes_text in surfaces.surfaces(type(make())):
            canary = maker.next("israeli_id", "patient_uuid") if takes_text else maker.make("israeli_id")
            request = make()
            surfaces.plant(request, surface, canary.text)
            yield surface, request, canary.tokens
    for key, rule in load_policy().attributes.items():
        # A patient's UUID where a workspace's is expected looks the same to everyone.
        canary = maker.next(*(["patient_uuid"] if rule.kind.name == "uuid" else []))
        request = surfaces.traces()
        span = request.resource_spans[0].scope_spans[0].spans[0]
        span.attributes.extend(surfaces.key_values({key: canary.text}))
        yield f"value of {key}", request, canary.tokens
    for name, disguise in DISGUISES.items():
        canary = maker.make("name.hebrew")
        request = surfaces.logs()
        record = request.resource_logs[0].scope_logs[0].log_records[0]
        record.attributes.extend(surfaces.key_values({"http.route": disguise(canary.text), disguise(canary.text): 1}))
        yield f"attribute, {name}", request, canary.tokens
    yield from _doubled(maker)


DISGUISES = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "percent": urllib.parse.quote,
    "json": lambda text: json.dumps({"name": text}),
    "hex": lambda text: text.encode().hex(),
}


def _doubled(maker: CanaryMaker) -> Iterator[tuple[str, Message, tuple[str, ...]]]:
    # A map's keys are unique by the specification, and by nothing else.
    for number in range(2):
        canary = maker.make("name.latin")
        pairs = [
            *surfaces.key_values({"http.request.method": "GET"}),
            *surfaces.key_values({"http.request.method": canary.text}),
        ]
        pairs = pairs[::-1] if number else pairs
        request = surfaces.traces()
        span = request.resource_spans[0].scope_spans[0].spans[0]
        del span.attributes[:]
        span.attributes.extend(pairs)
        span.events[0].attributes.extend(pairs)
        request.resource_spans[0].resource.attributes.extend(pairs)
        yield f"doubled key {number}", request, canary.tokens


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    """A Collector that has received everything planted everywhere, from both kinds of senders, over both transports."""
    folder = tmp_path_factory.mktemp("wall")
    with GrpcSink() as tempo, HttpSink() as loki:
        collector = WallCollector(folder, traces_to=tempo.endpoint, logs_to=loki.endpoint, layers=("debug.yaml",))
        with collector:
            wall = Wall(collector, tempo, loki)
            maker = CanaryMaker(20)
            for sender in ("strict", "guarded"):
                # Both transports come to the same data in the Collector: they take turns.
                for number, (surface, request, tokens) in enumerate(every_plant(maker)):
                    name = f"{sender} {surface}"
                    wall.tokens[name] = tokens
                    wall.answers[name] = wall.send(request, sender, ("http", "grpc")[number % 2])
            _flush(wall)
            wall.out["prometheus text"] = collector.exposed().encode()
            for accept in ("application/openmetrics-text;version=1.0.0", PROTOBUF):
                request = urllib.request.Request(
                    f"http://{collector.prometheus_target}/metrics", headers={"Accept": accept}
                )
                with urllib.request.urlopen(request, timeout=10) as response:
                    wall.out[f"prometheus {accept[:30]}"] = response.read()
            wall.out["own metrics"] = collector.own_metrics().encode()
            collector.stop()
        wall.out["own log and debug exporter"] = collector.log.encode()
        for file in collector.storage.rglob("*"):
            if file.is_file():
                wall.out[f"queue on disk {file.name}"] = file.read_bytes()
        wall.out["traces sent"] = b"\n".join(received.body for received in tempo.received)
        wall.out["logs sent"] = b"\n".join(received.body for received in loki.received)
        yield wall


PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"


def _flush(wall: Wall) -> None:
    request = surfaces.traces()
    request.resource_spans[0].scope_spans[0].spans[0].attributes.extend(surfaces.key_values({"user.id": SENTINEL}))
    record = surfaces.logs()
    record.resource_logs[0].scope_logs[0].log_records[0].attributes.extend(surfaces.key_values({"user.id": SENTINEL}))
    assert wall.send(request, "guarded", "http") == 200
    assert wall.send(record, "guarded", "http") == 200
    for sink in (wall.tempo, wall.loki):
        assert sink.wait_for(lambda got: any(SENTINEL.encode() in one.body for one in got), 30)


def test_a_stranger_gets_nothing_planted_through(wall: Wall) -> None:
    """Without authentication no planted string passes, in any field, into anything that the Collector puts out."""
    assert wall.out["traces sent"]
    assert wall.out["logs sent"]
    found = sorted({f"{find.plant} → {find.where}" for find in wall.finds if find.plant.startswith("strict")})
    assert not found, "\n".join(found)


def test_a_guarded_sender_is_believed_free_text_only(wall: Wall) -> None:
    """With a token free text passes in its shape; keys, typed values and every other field are still checked."""
    found = {f"{find.plant} → {find.where}" for find in wall.finds if find.plant.startswith("guarded")}
    leaked = sorted(one for one in found if not _believed(one))
    assert not leaked, "\n".join(leaked)
    # The search can find: what is believed is there.
    assert any("spans.name" in one for one in found)


def test_nothing_is_refused(wall: Wall) -> None:
    """What isn't in order is cleaned or dropped; the sender isn't told to try again with the same."""
    assert set(wall.answers.values()) <= {200, 400, grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT}
    good = [answer for answer in wall.answers.values() if answer in {200, grpc.StatusCode.OK}]
    assert len(good) >= 0.98 * len(wall.answers)


def _believed(found: str) -> bool:
    policy = load_policy()
    runtime = [f"value of {key} →" for key, rule in policy.attributes.items() if rule.kind.proof == "runtime"]
    return any(surface in found for surface in (*BELIEVED, *runtime))
