"""Prepared series against the SDK's instruments: the same measurements make the same points."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, Histogram, MeterProvider, UpDownCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View

from pazpaz_otel.otel.prepared.collection import add_prepared, prepared_for

BOUNDS = (0.005, 0.1, 1.0)
DELTA = {Histogram: AggregationTemporality.DELTA, UpDownCounter: AggregationTemporality.DELTA}


class Both:
    """The SDK's instruments and prepared ones, told the same."""

    def __init__(self, temporality: dict[type, AggregationTemporality] | None = None, **options: Any) -> None:
        self.reader = InMemoryMetricReader(preferred_temporality=temporality or {})
        self.provider = MeterProvider([self.reader], shutdown_on_exit=False, **options)
        self.meter = self.provider.get_meter("theirs")
        self.prepared = prepared_for(self.meter)
        self._collect = self.provider._measurement_consumer.collect

    def points(self) -> list[dict[str, Any]]:
        """What the reader is told, by metric: theirs and ours."""
        data = add_prepared(self.provider._measurement_consumer, self._collect(self.reader), self.reader)
        found: list[dict[str, Any]] = [{}, {}]
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                ours = scope.scope.name == "ours"
                for metric in scope.metrics:
                    found[ours][metric.name] = (
                        type(metric.data),
                        metric.data.aggregation_temporality,
                        [_plain(p) for p in metric.data.data_points],
                    )
        return found


def _plain(point: Any) -> dict[str, Any]:
    left_out = ("start_time_unix_nano", "time_unix_nano", "exemplars")
    return {key: value for key, value in vars(point).items() if key not in left_out}


@given(
    st.lists(st.lists(st.floats(0, 10), max_size=5), min_size=1, max_size=4),
    st.sampled_from([None, DELTA]),
)
def test_a_histogram_tells_what_the_sdks_tells(rounds: list[list[float]], temporality: Any):
    """Counts, sums, extremes and buckets are the same at every collection, cumulative or delta."""
    both = Both(temporality)
    assert both.prepared is not None
    theirs = both.meter.create_histogram("d", explicit_bucket_boundaries_advisory=BOUNDS)
    ours = both.prepared.instrument("d", both.provider.get_meter("ours")._instrumentation_scope, BOUNDS)
    for values in rounds:
        for value in values:
            theirs.record(value, {"route": "/"})
            ours.of({"route": "/"}).record(value)
        told, prepared = both.points()
        for _, _, points in (*told.values(), *prepared.values()):
            for point in points:
                point["sum"] = pytest.approx(point["sum"])
        assert told == prepared


@given(st.lists(st.lists(st.integers(-3, 3), max_size=5), min_size=1, max_size=4))
def test_a_level_tells_what_the_sdks_tells(rounds: list[list[int]]):
    """The level of an up-down counter is the same at every collection."""
    both = Both()
    assert both.prepared is not None
    theirs = both.meter.create_up_down_counter("n")
    ours = both.prepared.instrument("n", both.provider.get_meter("ours")._instrumentation_scope)
    theirs.add(0, {"method": "GET"})
    level = ours.of({"method": "GET"})
    for values in rounds:
        for value in values:
            theirs.add(value, {"method": "GET"})
            level.add(value)
        told, prepared = both.points()
        assert told == prepared


@pytest.mark.parametrize(
    "options",
    [
        {"views": [View(instrument_name="*")]},
        {"preferred_aggregation": {Histogram: ExponentialBucketHistogramAggregation()}},
    ],
    ids=["views", "exponential"],
)
def test_the_sdk_aggregates_where_it_is_told_how(options: dict[str, Any]):
    """With an application's views or exponential histograms nothing is prepared: the SDK's instruments serve."""
    reader = InMemoryMetricReader(**{key: value for key, value in options.items() if key != "views"})
    provider = MeterProvider([reader], shutdown_on_exit=False, views=options.get("views", ()))
    assert prepared_for(provider.get_meter("theirs")) is None


def test_exemplars_are_as_configured():
    """A provider whose filter takes no exemplars has none."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False, exemplar_filter=AlwaysOffExemplarFilter())
    prepared = prepared_for(provider.get_meter("theirs"))
    assert prepared is not None
    assert prepared.exemplars == "none"
    assert Both().prepared.exemplars == "sampled"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_a_forked_process_starts_anew():
    """A child tells only what it measured itself."""
    both = Both()
    instrument = both.prepared.instrument("d", both.provider.get_meter("ours")._instrumentation_scope, BOUNDS)
    instrument.of({}).record(1)
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        instrument.of({}).record(1)
        _, prepared = both.points()
        os.write(writable, str(prepared["d"][2][0]["count"]).encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as answer:
        assert answer.read() == "1"
    os.waitpid(child, 0)


def test_series_are_bounded_and_nothing_is_lost():
    """Past the limit measurements share one series, marked as the overflow; the total stays."""
    both = Both()
    instrument = both.prepared.instrument("d", both.provider.get_meter("ours")._instrumentation_scope, BOUNDS)
    for number in range(10_000):
        instrument.of({"route": number}).record(1)
    _, prepared = both.points()
    points = prepared["d"][2]
    assert len(points) <= 8193
    assert sum(point["count"] for point in points) == 10_000
    assert any(point["attributes"] == {"otel.metric.overflow": True} for point in points)


def test_threads_and_collections_lose_nothing():
    """While four threads measure and a reader collects, the last point has every measurement, and levels are back."""
    both = Both()
    scope = both.provider.get_meter("ours")._instrumentation_scope
    duration = both.prepared.instrument("d", scope, BOUNDS).of({})
    level = both.prepared.instrument("l", scope).of({})

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def measure() -> None:
        for _ in range(5_000):
            level.add(1)
            duration.record(0.05)
            level.add(-1)

    threads = [threading.Thread(target=measure) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            both.points()
    finally:
        sys.setswitchinterval(before)
    _, prepared = both.points()
    (histogram,), (sum_,) = prepared["d"][2], prepared["l"][2]
    assert (histogram["count"], histogram["bucket_counts"], sum_["value"]) == (20_000, (0, 20_000, 0, 0), 0)
    assert histogram["sum"] == pytest.approx(1_000)


def test_what_waits_to_be_aggregated_is_bounded():
    """Between two collections a series doesn't grow with what it measures."""
    both = Both()
    scope = both.provider.get_meter("ours")._instrumentation_scope
    duration = both.prepared.instrument("d", scope, BOUNDS).of({})
    level = both.prepared.instrument("l", scope).of({})
    before = _size(duration), _size(level)
    for _ in range(10_000):
        duration.record(0.05)
        level.add(1)
    assert _size(duration) < before[0] + 4_096
    assert _size(level) < before[1] + 4_096


def _size(series: Any) -> int:
    return sum(map(sys.getsizeof, vars(series).values()))
