"""The lean instrumentations against contrib's, item by item: what they tell is the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.integration.apps import lean_cases
from tests.integration.instrumented import completed
from tests.programs import HttpSink


class Told:
    """What one run of the cases told."""

    def __init__(self, sink: HttpSink) -> None:
        self.spans: dict[int, list[Any]] = {}
        for request in sink.messages(ExportTraceServiceRequest):
            for of_resource in request.resource_spans:
                for of_scope in of_resource.scope_spans:
                    for span in of_scope.spans:
                        case = int.from_bytes(span.trace_id, "big") - 1
                        self.spans.setdefault(case if case < len(lean_cases.CASES) else -1, []).append((of_scope, span))
        self.metrics = list(sink.messages(ExportMetricsServiceRequest))
        self.logs = list(sink.messages(ExportLogsServiceRequest))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """What both ways told of the same requests."""
    both = {}
    for name, lean in (("lean", "true"), ("contrib", "false")):
        with HttpSink() as sink:
            settings = {"PAZPAZ_OTEL_LEAN": lean, "OTEL_METRIC_EXPORT_INTERVAL": "600000"}
            completed("lean_cases.py", tmp_path_factory.mktemp(name), sink, settings)
            both[name] = Told(sink)
    return both


# What contrib's way tells besides, and why the lean way doesn't.
_NOT_LEAN = {
    " send": "ASGI's messages are nobody's work; each costs as much as a span of the application",
    " receive": "likewise",
    "connect": "the pool hands out a connection: its state is a metric",
}
# A mounted application's route is named in full by ours; contrib names where it is mounted.
_MOUNTED = re.compile(r"(/fast|/star)/\S+")


@pytest.mark.parametrize("case", range(len(lean_cases.CASES)), ids=lambda case: f"{case} {lean_cases.CASES[case][2]}")
def test_the_spans_of_a_request_are_the_same(told: dict[str, Told], case: int):
    """Names, kinds, attributes, events, links, status, parents and scopes: no difference that isn't listed here."""
    assert _described(told["contrib"].spans.get(case, [])) == _described(told["lean"].spans.get(case, []))


def test_a_request_without_an_incoming_trace_starts_one(told: dict[str, Told]):
    """The server span of a request that carries no context has no parent, either way."""
    assert _described(told["contrib"].spans[-1]) == _described(told["lean"].spans[-1])
    assert any(not span.parent_span_id for _, span in told["lean"].spans[-1])


def test_nothing_of_a_request_is_told(told: dict[str, Told]):
    """The name that stands in paths, queries, headers, statements and attributes is in nothing that left."""
    for one in told.values():
        for messages in (one.metrics, one.logs, [span for found in one.spans.values() for _, span in found]):
            assert not any(b"Dvora" in message.SerializeToString() for message in messages)


@pytest.mark.parametrize(
    "name",
    [
        "http.server.request.duration",
        "http.server.request.body.size",
        "http.server.active_requests",
        "http_requests_inprogress",
    ],
)
def test_the_metrics_are_the_same(told: dict[str, Told], name: str):
    """Series, counts, boundaries, temporality, unit and scope of every metric of requests are the same."""
    assert _measured(told["contrib"], name)
    assert _measured(told["contrib"], name) == _measured(told["lean"], name)


def test_a_response_has_its_own_length_only(told: dict[str, Told]):
    """Sizes of responses are the same, but for those without a length: contrib's gives them another response's."""
    theirs, ours = (_measured(told[name], "http.server.response.body.size") for name in ("contrib", "lean"))
    assert ours.keys() <= theirs.keys()
    assert any("/stream" in str(series) for series in theirs.keys() - ours.keys())


def test_durations_have_examples(told: dict[str, Told]):
    """A duration's exemplars name the trace of a request."""
    for one in told.values():
        traces = {span.trace_id for found in one.spans.values() for _, span in found}
        metrics = [metric for request in one.metrics for _, metric in _metrics(request, "http.server.request.duration")]
        exemplars = [
            exemplar for metric in metrics for point in metric.histogram.data_points for exemplar in point.exemplars
        ]
        assert exemplars
        assert {exemplar.trace_id for exemplar in exemplars} <= traces


def test_the_log_records_are_the_same(told: dict[str, Told]):
    """Bodies, attributes, severities and the traces that they belong to are the same."""
    assert _logged(told["contrib"]) == _logged(told["lean"])


def _metrics(request: Any, name: str) -> list[Any]:
    return [
        (scope.scope.name, metric)
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
    ]


def _measured(one: Told, name: str) -> dict[Any, int]:
    """Counts or levels by everything else, as they were told last."""
    last: dict[Any, int] = {}
    for request in one.metrics:
        found: dict[Any, int] = {}
        for scope, metric in _metrics(request, name):
            kind = metric.WhichOneof("data")
            data = getattr(metric, kind)
            for point in data.data_points:
                bounds = tuple(point.explicit_bounds) if kind == "histogram" else ()
                series = scope, metric.unit, kind, data.aggregation_temporality, str(_values(point.attributes)), bounds
                found[series] = found.get(series, 0) + (point.count if kind == "histogram" else point.as_int)
        last |= found
    return last


def _logged(one: Told) -> list[Any]:
    return sorted(
        (record.body.string_value, record.severity_text, str(_values(record.attributes)), record.trace_id)
        for request in one.logs
        for resource in request.resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
    )


def _described(found: list[Any]) -> list[Any]:
    names = {span.span_id: _named(span.name) for _, span in found}
    kept = [(scope, span) for scope, span in found if not span.name.endswith(tuple(_NOT_LEAN))]
    described = [
        (
            _named(span.name),
            span.kind,
            scope.scope.name,
            scope.schema_url,
            _values(span.attributes),
            [(event.name, _values(event.attributes)) for event in span.events],
            [(link.trace_id, link.span_id, _values(link.attributes)) for link in span.links],
            (span.status.code, span.status.message),
            names.get(span.parent_span_id, span.parent_span_id.hex()),
            span.flags,
            span.trace_state,
        )
        for scope, span in kept
    ]
    return sorted(described, key=str)


def _named(text: str) -> str:
    return _MOUNTED.sub(r"\1", text)


def _values(attributes: Any) -> dict[str, Any]:
    found = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
    # Its frames are those of one way or the other.
    found.pop("exception.stacktrace", None)
    return {key: _named(value) if isinstance(value, str) else value for key, value in sorted(found.items())}
