"""The second wall under bad input and errors: it drops and goes on, and never lets through what it couldn't judge."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.compile.collector import render
from pazpaz_otel.compile.collector.ottl import TRUSTED
from pazpaz_otel.policy import load_policy
from tests.programs import GrpcSink, HttpSink, wait_until
from tests.programs.stack import TOKEN, WallCollector
from tests.stack import surfaces
from tests.stack.otlp import post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SECRET = "Dana-Levi-7731"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WallCollector, GrpcSink]]:
    """A Collector in front of a receiver."""
    with GrpcSink() as tempo, HttpSink() as loki:
        folder = tmp_path_factory.mktemp("faults")
        with WallCollector(folder, traces_to=tempo.endpoint, logs_to=loki.endpoint) as collector:
            yield collector, tempo


def _broken_text() -> bytes:
    request = surfaces.traces()
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.name = f"{SECRET}-?!"
    span.attributes.extend(surfaces.key_values({"exception.message": f"{SECRET}-?!", f"{SECRET}-?!": 1}))
    return request.SerializeToString().replace(b"-?!", b"\xff\xfe\x80")


def _huge() -> bytes:
    request = surfaces.traces()
    attributes = {"exception.message": SECRET * 750_000, "http.route": "/" + "a" * 1_000_000, "note": SECRET}
    request.resource_spans[0].scope_spans[0].spans[0].attributes.extend(surfaces.key_values(attributes))
    return request.SerializeToString()


def _deep() -> bytes:
    request = surfaces.traces()
    pair = request.resource_spans[0].scope_spans[0].spans[0].attributes.add(key="exception.message")
    value = pair.value
    for _ in range(60):
        value = value.array_value.values.add().kvlist_value.values.add(key=SECRET).value
    value.string_value = SECRET
    return request.SerializeToString()


def _many() -> bytes:
    request = surfaces.traces()
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.attributes.extend(surfaces.key_values({f"{SECRET}.{number}": SECRET for number in range(50_000)}))
    return request.SerializeToString()


BAD = {
    "invalid UTF-8": _broken_text,
    "twelve megabytes": _huge,
    "deep nesting": _deep,
    "fifty thousand attributes": _many,
    "not protobuf": lambda: b"\x0a\xff\xff\xff\xff" + SECRET.encode(),
    "too large": lambda: SECRET.encode() * 2_000_000,
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("sender", ["guarded", "strict"])
def test_bad_input_is_dropped_and_the_next_item_passes(
    name: str, sender: str, running: tuple[WallCollector, GrpcSink]
) -> None:
    """Whatever comes in, it doesn't come out, nor into the Collector's log; what comes after it does."""
    collector, tempo = running
    base, token = (collector.guarded_http, TOKEN) if sender == "guarded" else (collector.strict_http, None)
    with contextlib.suppress(OSError):  # the receiver closes the connection on a body that is too large
        post(f"{base}/v1/traces", BAD[name](), token)
    before = len(tempo.received)
    assert post(f"{base}/v1/traces", surfaces.traces().SerializeToString(), token) == 200
    assert tempo.wait_for(lambda got: len(got) > before, 30)
    assert not [one for one in tempo.received if SECRET.encode() in one.body]
    assert SECRET not in collector.log


TOGETHER = {
    "cloud.region": "eu-central-1",
    "cloud.account.id": "a" * 255,
    "container.id": "a" * 256,
    "cloud.availability_zone": f"a\n{SECRET}",
    "aws.ecs.task.arn": f"!{SECRET}",
    "aws.ecs.task.id": "",
    "cloudfoundry.app.id": 7,
    "cloudfoundry.app.name": SECRET.encode(),
    "cloudfoundry.org.id": [SECRET],
}
"""Values of keys that are judged together; only the first two are in order."""


def test_of_keys_that_are_judged_together_each_stands_for_itself(running: tuple[WallCollector, GrpcSink]) -> None:
    """What an operator configured passes in its shape, whatever stands beside it; nothing else of it does."""
    collector, tempo = running
    before = len(tempo.received)
    body = surfaces.traces(**{"process.runtime.version": "3.11"})
    for key, value in TOGETHER.items():
        pair = body.resource_spans[0].resource.attributes.add(key=key)
        match value:
            case str():
                pair.value.string_value = value
            case int():
                pair.value.int_value = value
            case bytes():
                pair.value.bytes_value = value
            case _:
                pair.value.array_value.values.add(string_value=value[0])
    assert post(f"{collector.guarded_http}/v1/traces", body.SerializeToString(), TOKEN) == 200
    assert tempo.wait_for(lambda got: len(got) > before, 30)
    arrived = {one.key: one.value for one in tempo.received[-1].message.resource_spans[0].resource.attributes}
    kept = {key: value.string_value for key, value in arrived.items() if key in TOGETHER}
    assert kept == dict(list(TOGETHER.items())[:2])
    assert arrived["process.runtime.version"].string_value == "3.11"
    assert arrived["pazpaz_otel.wall.dropped"].int_value == len(TOGETHER) - 2


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WallCollector, GrpcSink]]:
    """A Collector whose wall fails in one of its places, for a guarded instance that is named as that."""
    name = "transform/traces"
    processor = yaml_text.load(render(load_policy())["wall-traces.yaml"])["processors"][name]
    groups: list[dict[str, Any]] = copy.deepcopy(processor["trace_statements"])
    for place in PLACES:
        for group in groups:
            if f"set({place}.attributes, {place}.cache)" in group["statements"]:
                instance = f'resource.attributes["service.instance.id"] == "{place}"'
                failing = f'set({place}.cache["x"], ParseJSON("{{")) where {instance} and {TRUSTED}'
                group["statements"].insert(0, failing)
    extra = {"processors": {name: {**processor, "trace_statements": groups}}}
    folder = tmp_path_factory.mktemp("broken")
    with GrpcSink() as tempo, WallCollector(folder, traces_to=tempo.endpoint, extra=extra) as collector:
        yield collector, tempo


PLACES = ("resource", "span", "spanevent")


@pytest.mark.parametrize("place", PLACES)
def test_an_error_inside_the_wall_lets_nothing_through(place: str, broken: tuple[WallCollector, GrpcSink]) -> None:
    """A statement that fails drops what it was judging: the sender is told, nobody else gets anything."""
    collector, tempo = broken
    before = len(tempo.received)
    body = surfaces.traces(**{"service.instance.id": place})
    body.resource_spans[0].scope_spans[0].spans[0].name = SECRET
    assert post(f"{collector.guarded_http}/v1/traces", body.SerializeToString(), TOKEN) >= 400
    # Nothing fails for the other kind of senders: their span comes alone.
    assert post(f"{collector.strict_http}/v1/traces", body.SerializeToString(), None) == 200
    assert tempo.wait_for(lambda got: len(got) > before, 30)
    resources = [group for one in tempo.received[before:] for group in one.message.resource_spans]
    names = [span.name for group in resources for scoped in group.scope_spans for span in scoped.spans]
    assert names == ["GET"]
    assert not [one for one in tempo.received if SECRET.encode() in one.body]


def test_headers_stay_outside(running: tuple[WallCollector, GrpcSink]) -> None:
    """What a client says of itself in its headers is in nothing that the Collector puts out, its own metrics too."""
    collector, _ = running
    body = surfaces.traces().SerializeToString()
    for base, token in (
        (collector.guarded_http, TOKEN),
        (collector.guarded_http, SECRET),
        (collector.strict_http, None),
    ):
        headers = {
            "Host": f"{SECRET}.example",
            "User-Agent": SECRET,
            "X-Forwarded-For": SECRET,
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate": f"name={SECRET}",
            "baggage": f"name={SECRET}",
            "Content-Type": "application/x-protobuf",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        for path in ("/v1/traces", f"/{SECRET}"):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(urllib.request.Request(base + path, body, headers), timeout=20).close()
    method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    with grpc.insecure_channel(collector.strict_grpc, options=[("grpc.primary_user_agent", SECRET)]) as channel:
        for name in (method, f"/{SECRET}/Export"):
            with contextlib.suppress(grpc.RpcError):
                channel.unary_unary(name)(body, metadata=[("name", SECRET)], timeout=20)
    assert SECRET.lower() not in collector.own_metrics().lower()
    assert SECRET.lower() not in collector.exposed().lower()
    assert SECRET.lower() not in collector.log.lower()


def test_what_cannot_be_cleaned_is_dropped_and_counted(tmp_path: Path) -> None:
    """Of strangers spans with links and points with exemplars, of anyone values out of range: gone, and counted."""
    policy = load_policy()
    gauge = dataclasses.replace(policy.metrics["active_workspaces_24h"], minimum=0, maximum=100)
    policy = dataclasses.replace(policy, metrics={**policy.metrics, gauge.name: gauge})
    with WallCollector(tmp_path, policy=policy) as collector:
        linked = surfaces.traces()
        linked.resource_spans[0].scope_spans[0].spans[0].links.add(trace_id=surfaces.TRACE_ID, span_id=surfaces.SPAN_ID)
        metrics = surfaces.metrics()
        counter, active, _ = metrics.resource_metrics[0].scope_metrics[0].metrics
        counter.sum.data_points[0].exemplars.add(as_int=1, time_unix_nano=1)
        active.gauge.data_points[0].as_int = 123456782
        assert post(f"{collector.strict_http}/v1/traces", linked.SerializeToString(), None) == 200
        assert post(f"{collector.strict_http}/v1/metrics", metrics.SerializeToString(), None) == 200
        for name in ("strict_span_links", "strict_metric_values"):
            expected = {"strict_span_links": 1, "strict_metric_values": 2}[name]
            line = f'pazpaz_otel_wall_dropped_total{{filter="filter/{name}"}} {expected}'
            assert wait_until(lambda line=line: line in collector.own_metrics(), line, 20)
        exposed = collector.exposed()
        assert "http_server_request_duration_seconds_count" in exposed
        assert "123456782" not in exposed
        assert "appointments_created_total{" not in exposed
