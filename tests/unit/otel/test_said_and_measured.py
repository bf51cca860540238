"""A name that the program says by itself proves that statement, and not a measurement where data is the same text."""

from __future__ import annotations

from collections import UserList
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pazpaz_otel import patches
from tests.unit.otel.writing import guard_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIAGNOSES = {"e11": "sugar-disease", "i10": "high-pressure"}
NAME = "messaging.destination.name"


class _Failing(UserList[str]):
    def __iter__(self) -> Iterator[str]:
        raise ValueError("gone")


class _Measured:
    def __init__(self) -> None:
        self.reader = InMemoryMetricReader({Counter: AggregationTemporality.DELTA})
        self.spans = InMemorySpanExporter()
        traces = TracerProvider(shutdown_on_exit=False)
        traces.add_span_processor(SimpleSpanProcessor(self.spans))
        self.tracer = traces.get_tracer(__name__)
        self.meter = MeterProvider([self.reader], shutdown_on_exit=False).get_meter(__name__)
        self.counter = self.meter.create_counter("letters.sent")

    def say(self) -> None:
        """Measure and trace under names that these statements have."""
        self.counter.add(1, {NAME: "sugar-disease"})
        self.tracer.start_span("said", attributes={NAME: "high-pressure"}).end()

    def series(self) -> list[dict[str, Any]]:
        data: Any = self.reader.get_metrics_data()
        return [
            dict(point.attributes)
            for of_resource in (data.resource_metrics if data else ())
            for of_scope in of_resource.scope_metrics
            for metric in of_scope.metrics
            if metric.name.startswith("letters.")
            for point in metric.data.data_points
        ]


@pytest.fixture
def measured() -> Iterator[_Measured]:
    """A program with the guards."""
    with patches.restored():
        guard_process()
        yield _Measured()


def test_a_measurement_is_proven_by_its_own_statement(measured: _Measured) -> None:
    """The same text by data, which another statement says, stays; it isn't the series of the statement either."""
    measured.say()
    assert measured.series() == [{NAME: "sugar-disease"}]
    measured.counter.add(1, {NAME: DIAGNOSES[str(min(DIAGNOSES))]})
    measured.counter.add(1, {NAME: DIAGNOSES[str(max(DIAGNOSES))]})
    found = measured.series()
    assert found == [{}]


def _listed(name: str) -> list[Observation]:
    return [Observation(1, {NAME: name})]


def _yielded(name: str) -> Iterator[Observation]:
    yield Observation(1, {NAME: name})


def _own(_: Any) -> list[Observation]:
    return [Observation(2, {NAME: "home-letters"})]


@pytest.mark.parametrize("observe", [_listed, _yielded])
def test_an_observation_is_proven_where_it_is_made(measured: _Measured, observe: Callable[[str], Any]) -> None:
    """In a list or one by one: what another statement said proves nothing, what its own says leaves."""
    measured.say()
    measured.series()
    code = str(min(DIAGNOSES))
    measured.meter.create_observable_gauge("letters.waiting", [lambda _: observe(DIAGNOSES[code])])
    measured.meter.create_observable_gauge("letters.open", [_own])
    found = measured.series()
    assert found == [{}, {NAME: "home-letters"}]


@pytest.mark.parametrize("kind", [list, tuple, UserList, _Failing])
def test_a_sequence_is_proven_by_its_statement(measured: _Measured, kind: Callable[[list[str]], Any]) -> None:
    """Of whatever class, also one that can't be read."""
    measured.say()
    code = str(max(DIAGNOSES))
    with measured.tracer.start_as_current_span("picked") as span:
        span.set_attribute(NAME, kind([DIAGNOSES[code]]))
    found = [dict(each.attributes or {}) for each in measured.spans.get_finished_spans()]
    assert found == [{NAME: "high-pressure"}, {}]
