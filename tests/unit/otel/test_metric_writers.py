"""Whatever writes on metrics, wherever it stands between the collection and an exporter: nothing of it leaves."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.metrics import Exemplar, MeterProvider
from opentelemetry.sdk.metrics.export import (
    Gauge,
    InMemoryMetricReader,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricReader,
    MetricsData,
    NumberDataPoint,
    PeriodicExportingMetricReader,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from pazpaz_otel.otel.processors import RedactingMetricExporter
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from tests.unit.otel.writing import NAME, WORKSPACE, MetricSink, guard_process, in_place

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[Any], Any]

ID = 305123456
CANARIES = (str(ID).encode(), float(ID).hex().encode(), b"Dvora")


def _metric(data: Any) -> Any:
    return data.resource_metrics[0].scope_metrics[0].metrics[0]


def _point(data: Any) -> Any:
    return _metric(data).data.data_points[0]


WRITERS = {
    "attributes": in_place(lambda data: _point(data).attributes.update({"client.name": NAME})),
    "exemplars": in_place(lambda data: _point(data).exemplars.append(Exemplar({"client.name": NAME}, 1, 1, 1, 1))),
    "name": in_place(lambda data: object.__setattr__(_metric(data), "name", NAME)),
    "description": in_place(lambda data: object.__setattr__(_metric(data), "description", NAME)),
    "unit": in_place(lambda data: object.__setattr__(_metric(data), "unit", NAME)),
    "metrics": in_place(
        lambda data: (
            data.resource_metrics[0]
            .scope_metrics[0]
            .metrics.append(Metric(NAME, NAME, NAME, Gauge([NumberDataPoint({}, 1, 1, ID)])))
        )
    ),
    "scopes": in_place(
        lambda data: data.resource_metrics[0].scope_metrics.append(
            ScopeMetrics(InstrumentationScope(NAME), [_metric(data)], NAME)
        )
    ),
    "resources": in_place(
        lambda data: data.resource_metrics.append(
            ResourceMetrics(Resource({"client.name": NAME}, NAME), data.resource_metrics[0].scope_metrics, NAME)
        )
    ),
    "scope": in_place(lambda data: setattr(data.resource_metrics[0].scope_metrics[0].scope, "_name", NAME)),
    "resource": in_place(lambda data: setattr(data.resource_metrics[0].resource, "_attributes", {"x": NAME})),
}


class _Wrapper(MetricExporter):
    """Writes on what it hands on, in the thread of the export or later."""

    def __init__(self, write: Write, inner: MetricExporter, *, later: bool = False) -> None:
        super().__init__()
        self.write, self.inner, self.later = write, inner, later

    def export(self, metrics_data: Any, timeout_millis: float = 10_000, **kwargs: Any) -> Any:
        def send() -> Any:
            self.write(metrics_data)
            return self.inner.export(metrics_data, timeout_millis, **kwargs)

        if not self.later:
            return send()
        thread = threading.Thread(target=send)
        thread.start()
        thread.join()
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        pass


class _Duck:
    """An exporter's wrapper by its methods alone."""

    _preferred_temporality = _preferred_aggregation = None

    def __init__(self, write: Write, inner: MetricExporter) -> None:
        self.write, self.inner = write, inner

    def export(self, data: Any, **kwargs: Any) -> Any:
        self.write(data)
        return self.inner.export(data, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class _Periodic(PeriodicExportingMetricReader):
    """The SDK's own reader, with a look at what it hands on."""

    def __init__(self, write: Write, exporter: MetricExporter) -> None:
        self.write = write
        super().__init__(exporter, export_interval_millis=1e9)

    def _receive_metrics(self, metrics_data: Any, timeout_millis: float = 10_000, **kwargs: Any) -> None:
        self.write(metrics_data)
        super()._receive_metrics(metrics_data, timeout_millis, **kwargs)


class _Own(MetricReader):
    """A reader of the application's own, which keeps its callback where it likes and exports by itself."""

    def __init__(self, write: Write, exporter: MetricExporter) -> None:
        super().__init__()
        self.write, self.exporter = write, exporter

    def _set_collect_callback(self, func: Any) -> None:  # type: ignore[override]
        self.callback = func

    def _receive_metrics(self, metrics_data: Any, timeout_millis: float = 10_000, **kwargs: Any) -> None:
        raise AssertionError

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        data = self.callback(self)
        self.write(data)
        return self.exporter.export(data) is MetricExportResult.SUCCESS

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        pass


class _Pulled(InMemoryMetricReader):
    """Keeps metrics for who asks, writes on them and exports them by hand."""

    def __init__(self, write: Write, exporter: MetricExporter) -> None:
        super().__init__()
        self.write, self.exporter = write, exporter

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        data = self.get_metrics_data()
        self.write(data)
        return data is not None and self.exporter.export(data) is MetricExportResult.SUCCESS


def _periodic(exporter: Any) -> MetricReader:
    return PeriodicExportingMetricReader(exporter, export_interval_millis=1e9)


def _replaced(write: Write, exporter: MetricExporter) -> MetricReader:
    reader: Any = _periodic(exporter)
    receive = reader._receive_metrics
    reader._receive_metrics = lambda data, **kwargs: receive(write(data), **kwargs)
    return reader  # type: ignore[no-any-return]


def _replaced_export(write: Write, exporter: Any) -> MetricReader:
    export = exporter.export
    exporter.export = lambda data, **kwargs: export(write(data), **kwargs)
    return _periodic(exporter)


PLACES: dict[str, Callable[[Write, MetricExporter], MetricReader]] = {
    "an exporter's wrapper": lambda write, exporter: _periodic(_Wrapper(write, exporter)),
    "a wrapper that sends later": lambda write, exporter: _periodic(_Wrapper(write, exporter, later=True)),
    "a wrapper that is no exporter": lambda write, exporter: _periodic(_Duck(write, exporter)),
    "a method of the exporter": _replaced_export,
    "a subclass of the SDK's reader": _Periodic,
    "a method of the SDK's reader": _replaced,
    "a reader of its own": _Own,
    "who pulls": _Pulled,
}


def _left(sink: MetricSink) -> list[bytes]:
    return [canary for canary in CANARIES if canary in sink.sent]


# A method that was taken off an exporter before there are guards is called without one: docs/threat-model.md.
WIRED = [
    (name, early) for name in PLACES for early in (False, True) if not (early and PLACES[name] is _replaced_export)
]


@pytest.mark.parametrize(("place", "early"), WIRED)
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_nothing_that_is_written_on_metrics_leaves(write: Write, place: str, early: bool) -> None:
    """A reader or a wrapper that writes on what was collected, wired before the guards or after, writes nothing out."""
    if not early:
        guard_process()
    sink = MetricSink()
    provider = MeterProvider([PLACES[place](write, sink)], shutdown_on_exit=False)
    if early:
        guard_process()
    counter = provider.get_meter("tests").create_counter("appointments.created")
    counter.add(1, {"workspace.id": WORKSPACE, "client.name": NAME})
    provider.force_flush()
    assert b"appointments.created" in sink.sent or write is WRITERS["name"]
    assert _left(sink) == []


def test_metrics_made_by_hand_are_judged() -> None:
    """What an application makes by itself and hands to an exporter is judged like what was collected."""
    guard_process()
    sink = MetricSink()
    for value in (1, ID):
        gauge = Metric("appointments.created", NAME, NAME, Gauge([NumberDataPoint({"client.name": NAME}, 1, 1, value)]))
        scope = ScopeMetrics(InstrumentationScope(NAME), [gauge], NAME)
        sink.export(MetricsData([ResourceMetrics(Resource({"client.name": NAME}), [scope], NAME)]))
    assert _left(sink) == []


def test_a_wrapped_exporter_is_called_as_it_was() -> None:
    """The public wrapper hands every argument of a call on, by position or by name, whatever the exporter calls it."""
    calls: list[Any] = []

    class Later(MetricSink):
        def export(self, metrics_data: Any, *, timeout: float, retries: int = 0) -> Any:  # type: ignore[override]
            calls.append((timeout, retries))
            return MetricExportResult.SUCCESS

        def force_flush(self, *, deadline: float) -> bool:  # type: ignore[override]
            calls.append(deadline)
            return True

        def shutdown(self, timeout: float) -> None:  # type: ignore[override]
            calls.append(timeout)

    exporter: Any = RedactingMetricExporter(Later(), Guard(load_policy()))
    exporter.export(metrics_data=MetricsData([]), timeout=1.0, retries=2)
    exporter.force_flush(deadline=3.0)
    exporter.shutdown(timeout=4.0)
    assert calls == [(1.0, 2), 3.0, 4.0]
