"""What leaves the reference backend: its log, guarded, and its business counters, right over several workers."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from examples.traffic import Account, Plan, drive
from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.health import HEALTH_PATHS
from tests.integration.backend import NOWHERE, Backend
from tests.programs import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Told:
    """A backend that has ended, and what it was asked.

    Attributes:
        backend: with its log.
        account: of the traffic.
        request_id: of one request beside the traffic.
        trace_id: of that request's trace, where there is one.
    """

    backend: Backend
    account: Account
    request_id: str
    trace_id: str | None


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "instrumented"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What a backend writes of traffic with every fault, and of one request whose ids are known."""
    known, trace_id = str(uuid.uuid4()), uuid.uuid4().hex
    headers = {"x-request-id": known, "traceparent": f"00-{trace_id}-{uuid.uuid4().hex[:16]}-01"}
    folder = tmp_path_factory.mktemp("told")
    with Backend(folder, NOWHERE, instrumented=request.param) as backend:
        account = asyncio.run(drive(backend.url, Plan(workspaces=2, clients=2, faults=True)))
        httpx.post(f"{backend.url}/api/v1/workspaces", json={"name": "Dana Levi"}, headers=headers)
        assert httpx.get(f"{backend.url}/ping").status_code == 200
    return Told(backend, account, known, trace_id if request.param else None)


class TestLog:
    def test_nobody_is_named(self, told: Told) -> None:
        """Of all that was planted, in every fault too, nothing stands on standard output or error, in any spelling."""
        log = told.backend.log
        assert len(told.account.texts) > 100
        assert len(told.account.faults) >= 40
        assert "Traceback" in log
        written = {log, log.casefold(), log.encode().decode("unicode_escape", "ignore")}
        planted = ["Dana Levi", *told.account.texts]
        assert [text for text in planted if any(text in log or text.casefold() in log for log in written)] == []

    def test_a_line_finds_its_request_and_its_trace(self, told: Told) -> None:
        """Every line that a request writes holds the request's id, and the ids of the trace and span around it.

        Without telemetry there is no trace, and nothing that proves a route.
        """
        lines = [line for line in told.backend.lines() if line.get("request_id") == told.request_id]
        assert [line["event"] for line in lines] == ["workspace %s opened", "request_completed"]
        assert {line.get("trace_id") for line in lines} == {told.trace_id}
        assert all(re.fullmatch("[0-9a-f]{16}", line["span_id"]) for line in lines if told.trace_id)
        assert lines[1].get("route") == (told.trace_id and "/api/v1/workspaces")

    def test_a_developer_can_still_read_it(self, told: Told) -> None:
        """Templates, types, frames and messages that the source holds are there."""
        stacks = {line["event"]: line.get("exception", "") for line in told.backend.lines()}
        everything = "\n".join(line.get("exception", "") for line in told.backend.lines())
        assert "phone of %s is no number" in stacks
        assert "in _fail" in stacks["a thread ended with an error"]
        assert 'File "practice_api/faults/raised.py", line ' in everything
        assert "ValueError: The clinic is closed today" in everything


def points(sink: HttpSink, name: str) -> Iterator[tuple[str, dict[str, str], Any]]:
    """The points of a metric in the order in which they arrived, each with the id of its process."""
    for message in sink.messages(ExportMetricsServiceRequest):
        assert isinstance(message, ExportMetricsServiceRequest)
        for resource in message.resource_metrics:
            identity = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    data = getattr(metric, metric.WhichOneof("data"))
                    for point in data.data_points if metric.name == name else ():
                        attributes = {each.key: each.value.string_value for each in point.attributes}
                        yield identity["service.instance.id"], attributes, point


def totals(sink: HttpSink, name: str, *keys: str) -> Counter[tuple[str, ...]]:
    """The sum over the processes of the last value of each series, by the named attributes."""
    last = {
        (process, *(attributes[key] for key in keys)): point.as_int for process, attributes, point in points(sink, name)
    }
    found: Counter[tuple[str, ...]] = Counter()
    for (_, *series), value in last.items():
        found[tuple(series)] += value
    return found


def exported_to(sink: HttpSink, **settings: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRIC_EXPORT_INTERVAL": "500",
        "OTEL_LOGS_EXPORTER": "none",
        **settings,
    }


@pytest.mark.slow
def test_business_counters_are_right(tmp_path: Path) -> None:
    """Over two workers, counters equal what was done, sessions rise and fall, one worker tells of the database."""
    with HttpSink() as sink:
        environment = exported_to(sink, OTEL_TRACES_EXPORTER="none", ACTIVE_WORKSPACES_REFRESH_SECONDS="0.5")
        plan = Plan(workspaces=4, clients=2)

        async def watch(account: Account) -> None:
            open_sessions = Counter({(): len(account.workspaces)})
            await asyncio.to_thread(
                wait_until, lambda: totals(sink, "active_websocket_sessions") == open_sessions, "the sessions"
            )
            await asyncio.to_thread(
                wait_until, lambda: totals(sink, "active_workspaces_24h") == open_sessions, "the workspaces"
            )

        with Backend(tmp_path, environment, workers=2, instrumented=True) as backend:
            account = asyncio.run(drive(backend.url, plan, while_open=watch))
            wait_until(lambda: totals(sink, "active_websocket_sessions") == Counter({(): 0}), "the sessions' end")
    created = {(workspace,): count for workspace, count in account.appointments_created.items()}
    saved = {(workspace,): count for workspace, count in account.session_notes_saved.items()}
    assert totals(sink, "appointments.created", "workspace.id") == created
    assert totals(sink, "session_notes.saved", "workspace.id") == saved
    cancelled = totals(sink, "appointments.cancelled", "workspace.id", "appointment.cancel.reason")
    assert cancelled == account.appointments_cancelled
    assert len({process for process, _, _ in points(sink, "active_workspaces_24h")}) == 1


@pytest.mark.slow
def test_a_restarted_backend_tells_of_the_database_at_once(tmp_path: Path) -> None:
    """Nobody waits until the lease of the process that reported would have expired."""
    refresh = "600"
    for _ in range(2):
        with HttpSink() as sink:
            environment = exported_to(sink, OTEL_TRACES_EXPORTER="none", ACTIVE_WORKSPACES_REFRESH_SECONDS=refresh)
            with Backend(tmp_path, environment, instrumented=True):
                reported = wait_until(lambda: list(points(sink, "active_workspaces_24h")), "the number")
        assert reported


def spans(sink: HttpSink) -> list[dict[str, str]]:
    return [
        {each.key: each.value.string_value for each in span.attributes}
        for message in sink.messages(ExportTraceServiceRequest)
        for resource in message.resource_spans  # type: ignore[attr-defined]
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_probes_leave_no_telemetry(tmp_path: Path) -> None:
    """Health routes and their checks are in no trace and no HTTP metric.

    The request beside them is in both, though nothing is due before the end: it is exported when SIGTERM comes.
    """
    with HttpSink() as sink:
        late = {"OTEL_METRIC_EXPORT_INTERVAL": "600000", "OTEL_BSP_SCHEDULE_DELAY": "600000"}
        with Backend(tmp_path, exported_to(sink, **late), instrumented=True) as backend:
            for path in HEALTH_PATHS:
                for method in ("GET", "HEAD"):
                    assert httpx.request(method, backend.url + path).status_code == 200
            assert httpx.get(f"{backend.url}/ping").status_code == 200
        counted = [attributes["http.route"] for _, attributes, _ in points(sink, "http.server.request.duration")]
        facts = spans(sink)
    assert [fact["http.route"] for fact in facts if "http.route" in fact] == ["/ping"]
    assert not [fact for fact in facts if fact.get("db.query.text") in {"SELECT 1", "SELECT ?"}]
    assert counted == ["/ping"]
