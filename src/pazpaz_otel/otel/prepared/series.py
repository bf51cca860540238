"""The series of a histogram and of an up-down counter, as their instrumentation holds them."""

from __future__ import annotations

import threading
from bisect import bisect_left
from math import inf
from time import time_ns
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import HistogramDataPoint, NumberDataPoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.trace import SpanContext

    Attributes = Mapping[str, Any]


class HistogramSeries:
    """The measurements of a histogram under one set of attributes.

    Args:
        attributes: of the series; unguarded, the guards see them when they are collected.
        bounds: the upper boundaries of the buckets, ascending.
    """

    def __init__(self, attributes: Attributes, bounds: Sequence[float]) -> None:
        self.attributes = attributes
        self.bounds = tuple(bounds)
        self.started = time_ns()
        self._lock = threading.Lock()
        self._counts = [0] * (len(self.bounds) + 1)
        self._total: float = 0
        self._extremes: list[list[float]] = [[inf, -inf]]
        """Least and greatest: since the start, then for each reader that collects differences."""
        self._exemplars: dict[int, tuple[float, int, SpanContext | None]] = {}
        self._told: dict[int, _Told] = {}

    def record(self, value: float, context: SpanContext | None = None, *, exemplar: bool = False) -> None:
        """Add a measurement.

        Args:
            value: in the histogram's unit.
            context: of the span that it belongs to.
            exemplar: whether to keep it as an example of its bucket.
        """
        bucket = bisect_left(self.bounds, value)
        with self._lock:
            self._counts[bucket] += 1
            self._total += value
            for extremes in self._extremes:
                # The built-in functions would take twice as long.
                if value < extremes[0]:  # noqa: PLR1730
                    extremes[0] = value
                if value > extremes[1]:  # noqa: PLR1730
                    extremes[1] = value
            if exemplar:
                self._exemplars[bucket] = (value, time_ns(), context)

    def point(self, reader: int, now: int, *, delta: bool) -> HistogramDataPoint | None:
        """Return what a reader is told; None where nothing was measured since it was told last, and it wants that.

        Args:
            reader: identifies the reader.
            now: the collection's time.
            delta: whether the reader wants the difference to its last collection.
        """
        with self._lock:
            told = self._told.get(reader)
            if told is None:
                extremes = list(self._extremes[0]) if delta else self._extremes[0]
                told = self._told[reader] = _Told(self.started, len(self._counts), extremes)
                if delta:
                    self._extremes.append(extremes)
            counts = [count - before for count, before in zip(self._counts, told.counts, strict=True)]
            count = sum(counts)
            if not count:
                told.since = now if delta else told.since
                return None
            point = HistogramDataPoint(
                attributes=self.attributes,
                start_time_unix_nano=told.since,
                time_unix_nano=now,
                count=count,
                sum=self._total - told.total,
                bucket_counts=tuple(counts),
                explicit_bounds=self.bounds,
                min=told.extremes[0],
                max=told.extremes[1],
                exemplars=[_exemplar(*kept) for kept in self._exemplars.values() if kept[1] > told.at],
            )
            told.at = now
            if delta:
                told.since, told.counts, told.total = now, list(self._counts), self._total
                told.extremes[:] = [inf, -inf]
            return point

    def reset(self) -> None:
        """Forget everything: this is a forked process, and what the parent measured the parent tells."""
        self.__init__(self.attributes, self.bounds)  # type: ignore[misc]


class _Told:
    """What a reader of a histogram was told last."""

    __slots__ = ("at", "counts", "extremes", "since", "total")

    def __init__(self, since: int, buckets: int, extremes: list[float]) -> None:
        self.since = since
        self.counts = [0] * buckets
        self.total: float = 0
        self.extremes = extremes
        self.at = 0


class LevelSeries:
    """The level of an up-down counter under one set of attributes.

    Args:
        attributes: as a `HistogramSeries` has them.
    """

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.started = time_ns()
        self._lock = threading.Lock()
        self._level = 0
        self._told: dict[int, tuple[int, int]] = {}

    def add(self, amount: int) -> None:
        """Raise the level, or lower it."""
        with self._lock:
            self._level += amount

    def point(self, reader: int, now: int, *, delta: bool) -> NumberDataPoint | None:
        """Return what a reader is told: the level, or its difference to the one that it was told last."""
        with self._lock:
            since, before = self._told.get(reader, (self.started, 0)) if delta else (self.started, 0)
            self._told[reader] = (now, self._level)
            return NumberDataPoint(self.attributes, since, now, self._level - before)

    def reset(self) -> None:
        """Forget everything, as `HistogramSeries.reset` does."""
        self.__init__(self.attributes)  # type: ignore[misc]


def _exemplar(value: float, at: int, context: SpanContext | None) -> Exemplar:
    if context is None or not context.is_valid:
        return Exemplar({}, value, at)
    return Exemplar({}, value, at, context.span_id, context.trace_id)
