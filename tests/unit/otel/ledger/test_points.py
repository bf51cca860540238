"""Data points in the ledger's format."""

from __future__ import annotations

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import HistogramDataPoint, NumberDataPoint

from pazpaz_otel.otel.ledger import points


def _exemplars(*measured: tuple[float, int]) -> list[Exemplar]:
    return [Exemplar({}, value, at, 1, 2) for value, at in measured]


def test_each_bucket_keeps_its_newest_exemplar():
    """However often is merged, a row doesn't grow: as many exemplars as a reader shows."""
    one = HistogramDataPoint({}, 0, 0, 3, 9, [2, 1], [1.0], 0.1, 8, _exemplars((0.5, 1), (8, 5)))
    other = HistogramDataPoint({}, 0, 0, 3, 9, [2, 1], [1.0], 0.1, 8, _exemplars((0.7, 3), (0.6, 2), (9, 4)))
    assert points.add(one, other).exemplars == _exemplars((0.7, 3), (8, 5))


def test_a_counter_keeps_its_newest_exemplar():
    """A counter has one bucket."""
    one = NumberDataPoint({}, 0, 0, 3, _exemplars((1, 1), (1, 5)))
    assert points.add(one, NumberDataPoint({}, 0, 0, 3, _exemplars((1, 3)))).exemplars == _exemplars((1, 5))
