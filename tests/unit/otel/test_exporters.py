"""A guarded exporter is called as an unguarded one is: by position, by keyword, with whatever a release adds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics.export import (
    Gauge,
    Metric,
    MetricExporter,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext

from pazpaz_otel.otel.processors import RedactingLogRecordProcessor, RedactingSpanProcessor
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from tests.unit.otel.writing import NAME, guard_process

if TYPE_CHECKING:
    from collections.abc import Callable

GAUGE = Metric("db.client.connection.count", "", "", Gauge([NumberDataPoint({"client.name": NAME}, 1, 1, 2)]))
METRICS = MetricsData([ResourceMetrics(Resource({}), [ScopeMetrics(InstrumentationScope(NAME), [GAUGE], "")], "")])
NOW = time.time_ns()
CONTEXT = SpanContext(1 << 120, 1 << 60, is_remote=False)
SPANS = [ReadableSpan(NAME, CONTEXT, attributes={"client.name": NAME}, start_time=NOW, end_time=NOW)]
LOGS = [ReadableLogRecord(LogRecord(body=NAME, attributes={"client.name": NAME}), Resource({}))]

SIGNALS: dict[str, tuple[type, Callable[[Any], Any], Any, str]] = {
    "spans": (SpanExporter, encode_spans, SPANS, "spans"),
    "logs": (LogRecordExporter, encode_logs, LOGS, "batch"),
    "metrics": (MetricExporter, encode_metrics, METRICS, "metrics_data"),
}


def _exporter(base: type, export: Any) -> Any:
    """Return an exporter with this method, of a class that is made after the guards."""
    methods = {name: lambda *_, **__: True for name in ("shutdown", "force_flush")}
    return type("Sink", (base,), {"export": export, **methods})()


@pytest.fixture(autouse=True)
def _guarded() -> None:
    guard_process()


@pytest.mark.parametrize(("base", "encode", "items", "name"), SIGNALS.values(), ids=SIGNALS)
def test_an_exporter_takes_its_items_by_position_and_by_any_name(
    base: type, encode: Any, items: Any, name: str
) -> None:
    """By position, by the SDK's name, its own, or `**kwargs`: the items arrive, guarded, and so does the rest."""
    sent: list[tuple[bytes, Any]] = []

    def taken(items: Any, rest: Any = None) -> str:
        sent.append((encode(items).SerializeToString(), rest))
        return "done"

    own = _exporter(base, lambda self, things, timeout=None: taken(things, timeout))
    keyword = _exporter(base, lambda self, *, things, timeout=None: taken(things, timeout))
    namespace: dict[str, Any] = {"taken": taken}
    exec(f"def export(self, {name}, timeout=None): return taken({name}, timeout)", namespace)
    sdk = _exporter(base, namespace["export"])
    loose = _exporter(base, lambda self, *args, **kwargs: taken([*args, *kwargs.values()][0], kwargs.get("timeout")))
    calls = [
        lambda: own.export(items, timeout=5),
        lambda: own.export(things=items, timeout=5),
        lambda: own.export(timeout=5, things=items),
        lambda: keyword.export(timeout=5, things=items),
        lambda: sdk.export(items, 5),
        lambda: sdk.export(**{name: items}, timeout=5),
        lambda: loose.export(items, timeout=5),
        lambda: loose.export(**{name: items}, timeout=5),
        lambda: loose.export(anything=items, timeout=5),
    ]
    for call in calls:
        assert call() == "done"
    assert len(sent) == len(calls)
    for encoded, rest in sent:
        assert rest == 5
        assert encoded
        assert b"305123456" not in encoded


@pytest.mark.parametrize("signal", ["spans", "logs"])
def test_a_batch_may_be_any_iterable(signal: str) -> None:
    """A batch that can be read only once reaches the exporter whole."""
    base, encode, items, _ = SIGNALS[signal]
    sent: list[Any] = []
    exporter = _exporter(base, lambda self, batch: sent.append(encode(list(batch))))
    exporter.export(item for item in items)
    [message] = sent
    assert b"305123456" not in message.SerializeToString()
    assert message.ListFields()


@pytest.mark.parametrize("export", [len, object()], ids=["without a signature", "not callable"])
def test_a_strange_exporter_can_be_made(export: Any) -> None:
    """A class whose `export` says nothing of its parameters is made as without the guards."""
    assert _exporter(SpanExporter, export) is not None


def test_a_processor_is_flushed_and_shut_as_it_was() -> None:
    """What a caller gives to `force_flush` and `shutdown`, by position or by name, reaches the wrapped processor."""
    calls: list[Any] = []

    def record(*args: Any, **kwargs: Any) -> bool:
        calls.append((args, kwargs))
        return True

    guard = Guard(load_policy())
    for wrapped, inner in (
        (RedactingSpanProcessor, SimpleSpanProcessor(_exporter(SpanExporter, record))),
        (RedactingLogRecordProcessor, SimpleLogRecordProcessor(_exporter(LogRecordExporter, record))),
    ):
        held: Any = inner
        held.force_flush = held.shutdown = record
        processor: Any = wrapped(held, guard)  # type: ignore[arg-type]
        assert processor.force_flush(timeout_millis=5) is True
        assert processor.force_flush(6) is True
        processor.shutdown(timeout_millis=7)
        processor.shutdown()
    expected = [((), {"timeout_millis": 5}), ((6,), {}), ((), {"timeout_millis": 7}), ((), {})]
    assert calls == expected * 2
