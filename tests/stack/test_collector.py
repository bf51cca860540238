"""The shipped Collector configuration: valid, current, authenticated, exact, and nothing lost over a restart."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pazpaz_otel.compile.collector import ALWAYS, LAST, OPTIONAL, render
from pazpaz_otel.policy import load_policy
from tests.programs import GrpcSink, HttpSink, Prometheus, collector_binary, wait_until
from tests.programs.golang import ROOT
from tests.programs.running import get
from tests.programs.stack import TOKEN, WallCollector
from tests.stack import surfaces
from tests.stack.otlp import call, post

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "collector"

PREVIOUS = "a" * 16
"""The digest of the policy before."""


def test_rendered_files_are_current() -> None:
    """What is committed is what the default policy renders to; `make generate` renders it."""
    for name, text in render(load_policy()).items():
        assert text == (FOLDER / name).read_text(), f"{name} is stale"
    assert (FOLDER / LAST).exists()


def test_a_projects_attribute_reaches_the_wall() -> None:
    """An extended policy renders to a configuration that lets its keys through."""
    policy = load_policy()
    kind = policy.attributes["workspace.id"].kind
    rule = dataclasses.replace(policy.attributes["workspace.id"], key="therapist.id", kind=kind)
    extended = dataclasses.replace(policy, attributes={**policy.attributes, "therapist.id": rule})
    assert "therapist.id" not in render(policy)["wall-traces.yaml"]
    assert 'span.cache["therapist.id"]' in render(extended)["wall-traces.yaml"]


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.parametrize("layers", [(*ALWAYS, LAST), (*ALWAYS, *OPTIONAL, LAST)], ids=["default", "all layers"])
def test_the_configuration_is_valid(layers: tuple[str, ...], tmp_path: Path) -> None:
    """The committed layers, merged in their order, are a configuration that our Collector accepts."""
    (tmp_path / "token").write_text(TOKEN)
    command = [str(collector_binary()), "validate", *(f"--config=file:{FOLDER / name}" for name in layers)]
    environment = {
        **os.environ,
        "COLLECTOR_TOKEN_FILE": str(tmp_path / "token"),
        "COLLECTOR_STORAGE": str(tmp_path / "storage"),
        "SENTRY_OTLP_TRACES_ENDPOINT": "https://sentry.example/api/1/integration/otlp/v1/traces",
        "SENTRY_OTLP_AUTH": "sentry sentry_key=0123",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WallCollector, GrpcSink, HttpSink]]:
    """A Collector between real receivers, which knows of the policy before its own."""
    policy = dataclasses.replace(load_policy(), previous_digests=(PREVIOUS,))
    with GrpcSink() as tempo, HttpSink() as loki:
        folder = tmp_path_factory.mktemp("collector")
        with WallCollector(folder, policy=policy, traces_to=tempo.endpoint, logs_to=loki.endpoint) as collector:
            yield collector, tempo, loki


@pytest.mark.stack
@pytest.mark.slow
def test_the_guarded_receiver_wants_a_token(running: tuple[WallCollector, GrpcSink, HttpSink]) -> None:
    """Nobody is believed without the token, over either transport."""
    collector = running[0]
    body = surfaces.traces().SerializeToString()
    method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    for token in (None, "wrong", TOKEN[:-1], ""):
        assert post(f"{collector.guarded_http}/v1/traces", body, token) == 401
        assert call(collector.guarded_grpc, method, body, token) == grpc.StatusCode.UNAUTHENTICATED
    assert post(f"{collector.guarded_http}/v1/traces", body, TOKEN) == 200
    assert call(collector.guarded_grpc, method, body, TOKEN) == grpc.StatusCode.OK


@pytest.mark.stack
@pytest.mark.slow
def test_what_is_in_order_passes_unchanged(running: tuple[WallCollector, GrpcSink, HttpSink]) -> None:
    """A guarded span and log record arrive with every value, type, time and link to the trace as they were sent."""
    collector, tempo, loki = running
    sent = surfaces.traces(**{"pazpaz_otel.policy.digest": load_policy().digest})
    assert post(f"{collector.guarded_http}/v1/traces", sent.SerializeToString(), TOKEN) == 200
    assert post(f"{collector.guarded_http}/v1/logs", surfaces.logs().SerializeToString(), TOKEN) == 200
    assert tempo.wait_for(lambda got: any(_state(one.message) == "current" for one in got), 20)
    assert loki.wait_for(bool, 20)
    arrived = next(one.message for one in tempo.received if _state(one.message) == "current")
    # Spans that waited together travel together.
    spans = next(group for group in arrived.resource_spans if _attributes(group.resource)[STATE] == "current")
    ours = sent.resource_spans[0].scope_spans[0]
    assert spans.scope_spans[0].scope == ours.scope
    _equal(spans.scope_spans[0].spans[0], ours.spans[0])
    record = loki.received[0].message.resource_logs[0].scope_logs[0].log_records[0]
    _equal(record, surfaces.logs().resource_logs[0].scope_logs[0].log_records[0])


@pytest.mark.stack
@pytest.mark.slow
def test_a_strangers_useful_facts_pass(running: tuple[WallCollector, GrpcSink, HttpSink]) -> None:
    """What a value alone proves passes without authentication, names the span, and is marked as unguarded."""
    collector, tempo, _ = running
    assert post(f"{collector.strict_http}/v1/traces", surfaces.traces().SerializeToString(), None) == 200
    assert tempo.wait_for(lambda got: any(_state(one.message) == "unguarded" for one in got), 20)
    arrived = next(one.message for one in tempo.received if _state(one.message) == "unguarded").resource_spans[0]
    span = arrived.scope_spans[0].spans[0]
    assert _attributes(arrived.resource) == {
        "service.name": "unguarded",
        "service.instance.id": surfaces.RESOURCE["service.instance.id"],
        STATE: "unguarded",
        "pazpaz_otel.wall.dropped": 1,
    }
    assert span.name == "GET"
    assert _attributes(span) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "workspace.id": surfaces.WORKSPACE,
        "otel.metric.overflow": True,
        "pazpaz_otel.wall.dropped": 3,
    }
    assert span.trace_id == surfaces.TRACE_ID
    assert span.status.code == 2


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.parametrize("claim", ["", "short", "rojo=00f067aa0ba902b7"])
@pytest.mark.parametrize("rare", [{}, {"messaging.system": "kafka"}], ids=["everyday", "rare"])
def test_a_span_keeps_its_rare_attributes(
    rare: dict[str, Any], claim: str, running: tuple[WallCollector, GrpcSink, HttpSink]
) -> None:
    """What a span of another kind than a request has arrives beside the rest, whatever its trace state says."""
    collector, tempo, _ = running
    body = surfaces.traces()
    span = body.resource_spans[0].scope_spans[0].spans[0]
    del span.attributes[:]
    span.attributes.extend(surfaces.key_values({"http.request.method": "GET", **rare}))
    span.trace_state = claim
    span.trace_id = f"{len(rare)}{claim}".encode().ljust(16, b"-")[:16]
    assert post(f"{collector.guarded_http}/v1/traces", body.SerializeToString(), TOKEN) == 200
    assert tempo.wait_for(lambda got: any(span.trace_id in one.body for one in got), 20)
    arrived = next(one for one in _spans(tempo.received) if one.trace_id == span.trace_id)
    assert arrived.trace_state == ""
    assert _attributes(arrived) == {"http.request.method": "GET", **rare}


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.parametrize("claims", [["other"], ["current", "unguarded"], ["unguarded", "other"]], ids="-".join)
def test_whom_to_believe_is_what_the_receiver_says(
    claims: list[str], running: tuple[WallCollector, GrpcSink, HttpSink]
) -> None:
    """Whatever a sender says of its own state: with the token it is believed, without it it never is."""
    collector, tempo, _ = running
    for number, (base, token) in enumerate([(collector.guarded_http, TOKEN), (collector.strict_http, None)]):
        body = surfaces.traces()
        for claim in claims[: None if token is None else 1]:
            body.resource_spans[0].resource.attributes.extend(surfaces.key_values({STATE: claim}))
        mark = f"{'-'.join(claims)}-{number}".encode().ljust(16)[-16:]
        body.resource_spans[0].scope_spans[0].spans[0].trace_id = mark
        assert post(f"{base}/v1/traces", body.SerializeToString(), token) == 200
        assert tempo.wait_for(lambda got, mark=mark: any(mark in one.body for one in got), 20)
        groups = [group for one in tempo.received for group in one.message.resource_spans]
        arrived = next(g for g in groups for s in g.scope_spans if any(span.trace_id == mark for span in s.spans))
        states = [pair.value.string_value for pair in arrived.resource.attributes if pair.key == STATE]
        names = {span.name for s in arrived.scope_spans for span in s.spans if span.trace_id == mark}
        own_name = body.resource_spans[0].scope_spans[0].spans[0].name
        assert states == ([["other"], ["unguarded"]][number])
        assert (own_name in names) is (token is not None)


@pytest.mark.stack
@pytest.mark.slow
def test_what_holds_a_number_is_none(running: tuple[WallCollector, GrpcSink, HttpSink]) -> None:
    """Bytes, lists, maps and nothing at all are dropped where the policy wants a number, whatever is in them."""
    collector, tempo, _ = running
    request = surfaces.traces()
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.trace_id = trace = bytes(range(16))
    del span.attributes[:], span.events[:]
    span.attributes.extend(surfaces.key_values({"http.request.resend_count": b"3", "server.port": 8443}))
    span.attributes.add(key="http.request.body.size").value.array_value.values.add(int_value=3)
    pair = span.attributes.add(key="http.response.body.size").value.kvlist_value.values.add(key="n")
    pair.value.int_value = 3
    span.attributes.add(key="code.line.number")
    # A trusted sender's would count as changed by the wall, which the next test counts.
    assert post(f"{collector.strict_http}/v1/traces", request.SerializeToString(), None) == 200

    def arrived() -> list[Any]:
        scopes = [one for got in tempo.received for group in got.message.resource_spans for one in group.scope_spans]
        return [span for scope in scopes for span in scope.spans if span.trace_id == trace]

    [numbers] = wait_until(arrived, "the span", 20)
    assert _attributes(numbers) == {"server.port": 8443, "pazpaz_otel.wall.dropped": 4}


@pytest.mark.stack
@pytest.mark.slow
def test_drops_and_drift_are_metrics(running: tuple[WallCollector, GrpcSink, HttpSink], tmp_path: Path) -> None:
    """In a real Prometheus: the guide's names and exact counts, what the wall dropped, senders of another policy."""
    collector = running[0]
    request = surfaces.metrics()
    metrics = request.resource_metrics[0]
    metrics.resource.attributes.extend(surfaces.key_values({"pazpaz_otel.policy.digest": "f" * 16}))
    undeclared = metrics.scope_metrics[0].metrics.add()
    undeclared.CopyFrom(metrics.scope_metrics[0].metrics[0])
    undeclared.name = "notes of somebody"
    untemplated = metrics.scope_metrics[0].metrics[2].histogram.data_points.add()
    untemplated.CopyFrom(metrics.scope_metrics[0].metrics[2].histogram.data_points[0])
    del untemplated.attributes[:]
    untemplated.attributes.extend(surfaces.key_values({"http.request.method": "GET", "http.response.status_code": 405}))
    stranger = metrics.scope_metrics[0].metrics[2].histogram.data_points[0]
    stranger.attributes.extend(surfaces.key_values({"note": "somebody"}))
    assert post(f"{collector.guarded_http}/v1/metrics", request.SerializeToString(), TOKEN) == 200
    targets = [collector.prometheus_target, collector.own_target]
    with Prometheus(targets, tmp_path / "prometheus") as prometheus:
        wait_until(lambda: prometheus.query("appointments_created_total"), "the first scrape")
        wait_until(lambda: prometheus.query("pazpaz_otel_wall_dropped_total"), "the Collector's own metrics")
        job = 'job="practice-api"'
        requests = prometheus.query(f"http_requests_total{{{job}}}")
        by_status = {labels["status"]: (labels["method"], labels.get("handler"), value) for labels, value in requests}
        route = "/api/v1/clients/{client_id}"
        # What no route answers has no handler, as at the embedded endpoint.
        assert by_status == {"200": ("GET", route, 3), "404": ("GET", route, 1), "405": ("GET", None, 3)}
        took = prometheus.query(f"http_request_duration_seconds_count{{{job}}}")
        assert {labels.get("handler"): value for labels, value in took} == {route: 4, None: 3}
        durations = prometheus.query(f"http_server_request_duration_seconds_count{{{job}}}")
        assert sorted(value for _, value in durations) == [1, 3, 3]
        assert not [labels for labels, _ in durations if "note" in labels]
        created = prometheus.query("appointments_created_total")
        assert [(labels["workspace_id"], value) for labels, value in created] == [(surfaces.WORKSPACE, 5)]
        dropped = prometheus.query("pazpaz_otel_wall_dropped_total")
        by_filter = {labels["filter"]: value for labels, value in dropped}
        assert by_filter["filter/guarded_metric_names"] == 1
        assert by_filter["filter/metrics_changed"] >= 1
        assert by_filter.get("filter/traces_changed", 0) == 0
        drifting = prometheus.query('target_info{pazpaz_otel_policy_state="other"}')
        assert [labels["pazpaz_otel_policy_digest"] for labels, _ in drifting] == ["f" * 16]


@pytest.mark.stack
@pytest.mark.slow
def test_the_previous_policy_is_accepted(running: tuple[WallCollector, GrpcSink, HttpSink]) -> None:
    """During a change of policy senders of the one before are told apart from those of any other."""
    collector, tempo, _ = running
    expected = {PREVIOUS: "previous", "b" * 16: "other", load_policy().digest: "current"}
    for digest in expected:
        body = surfaces.traces(**{"pazpaz_otel.policy.digest": digest}).SerializeToString()
        assert post(f"{collector.guarded_http}/v1/traces", body, TOKEN) == 200
    assert tempo.wait_for(lambda got: expected.items() <= _states(got).items(), 20), _states(tempo.received)


@pytest.mark.stack
@pytest.mark.slow
def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    """What was accepted while nobody took it, waits on disk over a kill and arrives once somebody does."""
    sent = 40
    with WallCollector(tmp_path) as collector:
        for number in range(sent):
            request = surfaces.traces()
            request.resource_spans[0].scope_spans[0].spans[0].span_id = (number + 1).to_bytes(8, "big")
            assert post(f"{collector.guarded_http}/v1/traces", request.SerializeToString(), TOKEN) == 200
        collector.kill()
    with GrpcSink() as tempo, WallCollector(tmp_path, traces_to=tempo.endpoint):
        assert tempo.wait_for(lambda got: len(_span_ids(got)) >= sent, 30)
        assert sorted(_span_ids(tempo.received)) == [number.to_bytes(8, "big") for number in range(1, sent + 1)]


@pytest.mark.stack
@pytest.mark.slow
def test_traces_for_sentry_are_sampled_by_their_end(tmp_path: Path) -> None:
    """Every failed and every slow trace goes to Sentry, and about a tenth of the rest."""
    ordinary = 300
    quick = {"processors": {"tail_sampling": {"decision_wait": "1s"}}}
    with (
        HttpSink() as sentry,
        WallCollector(
            tmp_path, layers=("sentry.yaml",), sentry_to=f"{sentry.endpoint}/v1/traces", extra=quick
        ) as collector,
    ):
        for number in range(ordinary + 2):
            request = surfaces.traces()
            span = request.resource_spans[0].scope_spans[0].spans[0]
            span.trace_id = (number * 0x9E3779B97F4A7C15 + 1).to_bytes(16, "big")
            span.status.code = 2 if number == ordinary else 0
            if number == ordinary + 1:
                span.start_time_unix_nano = span.end_time_unix_nano - 2 * 10**9
            assert post(f"{collector.guarded_http}/v1/traces", request.SerializeToString(), TOKEN) == 200

        def arrived() -> dict[bytes, Any]:
            return {span.trace_id: span for span in _spans(sentry.received)}

        def whole() -> bool:
            got = arrived().values()
            slow = [s for s in got if s.end_time_unix_nano - s.start_time_unix_nano > 10**9]
            return bool([s for s in got if s.status.code == 2] and slow and len(arrived()) > 2)

        assert wait_until(whole, "the failed and the slow trace", 40)
        # Binomial with n = 300 and p = 0.1: outside of 5…70 once in a billion runs.
        assert 5 <= len(arrived()) <= 70
        assert sentry.received[0].headers["x-sentry-auth"] == "sentry sentry_key=test"


STATE = "pazpaz_otel.policy.state"


def _attributes(holder: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in holder.attributes}


def _state(message: Any) -> object:
    if not isinstance(message, ExportTraceServiceRequest):
        return None
    return _attributes(message.resource_spans[-1].resource).get(STATE)


def _states(received: Any) -> dict[object, object]:
    resources = [_attributes(g.resource) for one in received if one.message for g in one.message.resource_spans]
    return {resource.get("pazpaz_otel.policy.digest"): resource.get(STATE) for resource in resources}


def _spans(received: Any) -> list[Any]:
    groups = [group for one in received for group in one.message.resource_spans]
    return [span for group in groups for scoped in group.scope_spans for span in scoped.spans]


def _span_ids(received: Any) -> set[bytes]:
    return {span.span_id for span in _spans(received)}


def _equal(ours: Any, theirs: Any) -> None:
    left, right = type(ours)(), type(theirs)()
    left.CopyFrom(ours)
    right.CopyFrom(theirs)
    for one in (left, right):
        one.ClearField("attributes")
        for field in ("start_time_unix_nano", "end_time_unix_nano", "time_unix_nano", "observed_time_unix_nano"):
            if field in one.DESCRIPTOR.fields_by_name:
                one.ClearField(field)
        for event in getattr(one, "events", ()):
            event.ClearField("time_unix_nano")
            event.attributes.sort(key=lambda pair: pair.key)
    assert left == right
    assert _attributes(ours) == _attributes(theirs)


@pytest.mark.stack
@pytest.mark.slow
def test_the_least_memory_that_is_allowed_is_enough(tmp_path: Path) -> None:
    """With the smallest COLLECTOR_MEMORY_MIB that the start script takes, telemetry gets in, and on to Tempo."""
    script = (ROOT / "deploy/otel-collector/start.sh").read_text()
    [least] = re.findall(r'\[ "\$memory" -ge (\d+) \]', script)
    limit = {"processors": {"memory_limiter": {"limit_mib": int(least)}}}
    sent = surfaces.traces(**{"pazpaz_otel.policy.digest": load_policy().digest}).SerializeToString()
    with GrpcSink() as tempo, WallCollector(tmp_path, traces_to=tempo.endpoint, extra=limit) as collector:
        own = f"http://{collector.own_target}/metrics"

        def looked_often() -> bool:
            """The limiter looks once a second; by now it knows what the wall and its traffic take."""
            assert post(f"{collector.guarded_http}/v1/traces", sent, TOKEN) == 200
            uptime = re.search(r"^otelcol_process_uptime\S* (\S+)$", get(own)[1], re.MULTILINE)
            return uptime is not None and float(uptime[1]) > 5

        wait_until(looked_often, "five looks of the limiter", 60)
        assert tempo.wait_for(lambda got: any(_state(one.message) == "current" for one in got), 20)
