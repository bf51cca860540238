"""The conformance vectors against the Python guards: the real SDK, the public processors, OTLP on the wire."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

from pazpaz_otel.audit.sinks import HttpSink
from pazpaz_otel.otel.processors import RedactingLogRecordProcessor, RedactingMetricExporter, RedactingSpanProcessor
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import undeclared
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.text import prove
from tests.vectors import ENFORCERS, FOLDER, Vector, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry.proto.common.v1.common_pb2 import AnyValue

VECTORS = load("python")
ATTRIBUTE = [vector for vector in VECTORS if vector.surface == "attribute"]
METRIC = [vector for vector in VECTORS if vector.surface.startswith("metric.")]
TEXT = [vector for vector in VECTORS if vector not in ATTRIBUTE and vector not in METRIC]


ROUTES = ("/clients/{client_id}", "/health")
"""Those that vectors give: the words of a route stand in the application's source."""


def _id(vector: Vector) -> str:
    return vector.id


class Pipelines:
    """Providers wired by hand, as one who doesn't use the distribution's own wires them."""

    def __init__(self, sink: HttpSink, given: dict[str, list[str]]) -> None:
        policy = load_policy()
        identifiers = {*policy.sql_identifiers, *given.get("identifiers", ())}
        evidence = Evidence(hosts={*policy.hosts, *given.get("hosts", ())}, identifiers=identifiers)
        assert {*given.get("routes", ())} <= {*ROUTES}
        evidence.add_routes(lambda: given.get("routes", ()))
        guard = Guard(policy, evidence)
        self.sink = sink
        self.traces, self.logs = TracerProvider(), LoggerProvider()
        spans = SimpleSpanProcessor(OTLPSpanExporter(f"{sink.endpoint}/v1/traces"))
        self.traces.add_span_processor(RedactingSpanProcessor(spans, guard))
        records = SimpleLogRecordProcessor(OTLPLogExporter(f"{sink.endpoint}/v1/logs"))
        self.logs.add_log_record_processor(RedactingLogRecordProcessor(records, guard))
        exporter = RedactingMetricExporter(OTLPMetricExporter(f"{sink.endpoint}/v1/metrics"), guard)
        self.metrics = MeterProvider([PeriodicExportingMetricReader(exporter, 3_600_000)])

    def shutdown(self) -> None:
        """Export all and stop."""
        for provider in (self.traces, self.logs, self.metrics):
            provider.shutdown()

    def sent(self, signal: str) -> Any:
        """The last request of a signal."""
        return [one.message for one in self.sink.received if one.path.endswith(signal)][-1]


@pytest.fixture(scope="module")
def sink() -> Iterator[HttpSink]:
    """One receiver for all vectors; each looks at its own requests only."""
    with HttpSink() as receiver:
        yield receiver


@pytest.fixture
def pipelines(sink: HttpSink, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipelines]:
    """Guarded pipelines for the vector of the test, in a process that has no instruments of another test's."""
    monkeypatch.setattr(undeclared, "_rules", {})
    del sink.received[:]
    made = Pipelines(sink, request.getfixturevalue("vector").given)
    yield made
    made.shutdown()


def _plain(value: AnyValue) -> Any:
    which = value.WhichOneof("value")
    if which == "array_value":
        return [_plain(one) for one in value.array_value.values]
    return getattr(value, which) if which else None


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: _plain(pair.value) for pair in pairs}


def _check(vector: Vector, attributes: dict[str, Any], where: str) -> None:
    assert vector.output == attributes.get(vector.key), where
    assert type(vector.output) is type(attributes.get(vector.key)), where
    if vector.expect == "drop":
        assert vector.key not in attributes, where


@pytest.mark.parametrize("vector", ATTRIBUTE, ids=_id)
def test_attribute(vector: Vector, pipelines: Pipelines) -> None:
    """An attribute's value fares the same on a span, an event, a link and a log record, and keeps its type."""
    attributes = {**vector.beside, vector.key: vector.input}
    link = Link(SpanContext(1, 2, is_remote=True), attributes)
    span = pipelines.traces.get_tracer("vectors").start_span("vector", attributes=attributes, links=[link])
    span.add_event("vector", attributes)
    span.end()
    pipelines.logs.get_logger("vectors").emit(LogRecord(body="vector", attributes=attributes))
    (sent,) = pipelines.sent("traces").resource_spans[0].scope_spans[0].spans
    _check(vector, _attributes(sent.attributes), "span")
    _check(vector, _attributes(sent.events[0].attributes), "event")
    _check(vector, _attributes(sent.links[0].attributes), "link")
    (record,) = pipelines.sent("logs").resource_logs[0].scope_logs[0].log_records
    _check(vector, _attributes(record.attributes), "log record")


@pytest.mark.parametrize("vector", TEXT, ids=_id)
def test_text(vector: Vector, pipelines: Pipelines, tmp_path: Path) -> None:
    """Free text leaves where the source proves it, and otherwise nothing of it does."""
    found = _said(vector, pipelines, tmp_path) if vector.proven else _send(vector, pipelines)
    if vector.expect == "drop":
        whole = b"".join(one.body for one in pipelines.sink.received)
        assert vector.input != found
        for text in vector.input.values() if isinstance(vector.input, dict) else [vector.input]:
            assert str(text).encode() not in whole
    else:
        assert vector.output == found


@pytest.mark.parametrize("vector", METRIC, ids=_id)
def test_metric(vector: Vector, pipelines: Pipelines) -> None:
    """Declared instruments and labels leave, others don't, and a refused label never loses the count."""
    name = vector.metric or vector.input
    attributes = {vector.key: vector.input} if vector.metric else {}
    pipelines.metrics.get_meter("vectors").create_counter(name).add(3, attributes)
    pipelines.metrics.force_flush()
    sent = (
        {
            metric.name: metric.sum.data_points
            for resource in pipelines.sent("metrics").resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }
        if any(one.path.endswith("metrics") for one in pipelines.sink.received)
        else {}
    )
    if vector.surface == "metric.name":
        assert (vector.expect == "keep") == (name in sent)
        return
    (point,) = sent[name]
    _check(vector, _attributes(point.attributes), "data point")
    assert point.as_int == 3


def _send(vector: Vector, pipelines: Pipelines) -> Any:
    surface, text = vector.surface, vector.input
    if surface == "log.body":
        pipelines.logs.get_logger("vectors").emit(LogRecord(body=text))
        return _plain(pipelines.sent("logs").resource_logs[0].scope_logs[0].log_records[0].body)
    tracer = pipelines.traces.get_tracer(text if surface == "scope.name" else "vectors")
    span = tracer.start_span(text if surface == "span.name" else "vector")
    if surface == "event.name":
        span.add_event(text)
    elif surface == "exception.message":
        span.add_event("exception", {"exception.type": "ValueError", "exception.message": text})
    elif surface == "span.status":
        span.set_status(Status(StatusCode.ERROR, text))
    span.end()
    scope = pipelines.sent("traces").resource_spans[0].scope_spans[0]
    sent = scope.spans[0]
    return {
        "scope.name": lambda: scope.scope.name,
        "span.name": lambda: sent.name,
        "event.name": lambda: sent.events[0].name,
        "exception.message": lambda: _attributes(sent.events[0].attributes)["exception.message"],
        "span.status": lambda: sent.status.message,
    }[surface]()


def _said(vector: Vector, pipelines: Pipelines, folder: Path) -> Any:
    """Send as a program does whose source holds the text: below a statement with that constant."""
    file = folder / "program.py"
    file.write_text(f"def run(send):\n    return send({vector.input!r})\n")
    spec = importlib.util.spec_from_file_location("vector_program", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)

    def send(text: str) -> Any:
        # Nothing here wraps what writes statuses and exceptions, which proves them where they are written.
        assert prove(text)
        return _send(vector, pipelines)

    # As an import does it: what isn't a loaded module proves nothing.
    sys.modules["vector_program"] = module
    try:
        spec.loader.exec_module(module)
        return module.run(send)
    finally:
        del sys.modules["vector_program"]


def test_vectors_are_well_formed() -> None:
    """Ids are unique, and each vector says what every enforcer makes of it."""
    ids = []
    for file in FOLDER.glob("*.yaml"):
        for vector in yaml.safe_load(file.read_text(encoding="utf-8"))["vectors"]:
            ids.append(vector["id"])
            named = set(vector["expect"])
            assert named <= {*ENFORCERS, "all"}, vector["id"]
            assert "all" in named or named == set(ENFORCERS), vector["id"]
    assert len(ids) == len(set(ids))
