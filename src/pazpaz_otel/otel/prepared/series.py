"""The series of a histogram or an up-down counter, held by its instrumentation."""

from __future__ import annotations

import threading
from bisect import bisect_left
from math import inf
from time import time_ns
from typing import TYPE_CHECKING, Any, Final, TypeVar

from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics.export import HistogramDataPoint, NumberDataPoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.trace import SpanContext

    Attributes = Mapping[str, Any]
    _Measurement = tuple[float, int, SpanContext | None]
    """A value, and for an exemplar its time in nanoseconds and the context of its span."""

_T = TypeVar("_T")
_MAX_PENDING: Final = 32
"""How many measurements wait to be aggregated; appending one takes no lock."""


class _Series:
    """Aggregates measurements that wait."""

    _lock: threading.Lock

    def _make_room(self) -> None:
        # Nobody waits for the lock: whoever holds it aggregates.
        if self._lock.acquire(blocking=False):
            try:
                self._aggregate()
            finally:
                self._lock.release()

    def _aggregate(self) -> None:
        """Take what waits into account; the lock is held."""
        raise NotImplementedError


class HistogramSeries(_Series):
    """A histogram's measurements under one set of attributes.

    Args:
        attributes: the series' unguarded attributes, which the guards judge at collection.
        bounds: the upper boundaries of the buckets, ascending.
    """

    def __init__(self, attributes: Attributes, bounds: Sequence[float]) -> None:
        self.attributes = attributes
        self.bounds = tuple(bounds)
        self.started = time_ns()
        self._lock = threading.Lock()
        self._pending: list[_Measurement] = []
        self._counts = [0] * (len(self.bounds) + 1)
        self._total: float = 0
        self._extremes: list[list[float]] = [[inf, -inf]]
        """Minimum and maximum: since the start, then for each reader with delta temporality."""
        self._exemplars: dict[int, _Measurement] = {}
        self._told: dict[int, _Told] = {}

    def record(self, value: float, context: SpanContext | None = None, *, exemplar: bool = False) -> None:
        """Add a measurement.

        Args:
            value: the value, in the histogram's unit.
            context: the context of its span.
            exemplar: whether to keep it as its bucket's exemplar.
        """
        pending = self._pending
        pending.append((value, time_ns(), context) if exemplar else (value, 0, None))
        if len(pending) >= _MAX_PENDING:
            self._make_room()

    def _aggregate(self) -> None:
        """Put pending measurements into buckets: many in one go cost half of what each would cost in its request."""
        bounds, counts, exemplars = self.bounds, self._counts, self._exemplars
        for value, at, context in _taken(self._pending):
            bucket = bisect_left(bounds, value)
            counts[bucket] += 1
            self._total += value
            for extremes in self._extremes:
                # The built-in functions would take twice as long.
                if value < extremes[0]:  # noqa: PLR1730
                    extremes[0] = value
                if value > extremes[1]:  # noqa: PLR1730
                    extremes[1] = value
            if at:
                exemplars[bucket] = (value, at, context)

    def point(self, reader: int, now: int, *, delta: bool) -> HistogramDataPoint | None:
        """Return a reader's point, or None if it wants deltas and nothing was measured since its last collection."""
        with self._lock:
            self._aggregate()
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
        """Reset everything in a forked process; the parent reports what it measured."""
        self.__init__(self.attributes, self.bounds)  # type: ignore[misc]


class _Told:
    """The state of a reader's last collection."""

    __slots__ = ("at", "counts", "extremes", "since", "total")

    def __init__(self, since: int, buckets: int, extremes: list[float]) -> None:
        self.since = since
        self.counts = [0] * buckets
        self.total: float = 0
        self.extremes = extremes
        self.at = 0


class LevelSeries(_Series):
    """The level of an up-down counter under one set of attributes."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.started = time_ns()
        self._lock = threading.Lock()
        self._pending: list[int] = []
        self._level = 0
        self._told: dict[int, tuple[int, int]] = {}

    def add(self, amount: int) -> None:
        """Raise or lower the level."""
        pending = self._pending
        pending.append(amount)
        if len(pending) >= _MAX_PENDING:
            self._make_room()

    def _aggregate(self) -> None:
        self._level += sum(_taken(self._pending))

    def point(self, reader: int, now: int, *, delta: bool) -> NumberDataPoint | None:
        """Return a reader's point: the level, or its difference to the last collection."""
        with self._lock:
            self._aggregate()
            since, before = self._told.get(reader, (self.started, 0)) if delta else (self.started, 0)
            self._told[reader] = (now, self._level)
            return NumberDataPoint(self.attributes, since, now, self._level - before)

    def reset(self) -> None:
        """Reset everything, like `HistogramSeries.reset`."""
        self.__init__(self.attributes)  # type: ignore[misc]


def _taken(pending: list[_T]) -> list[_T]:
    """Take out what is pending now; other threads may append meanwhile, but only who holds the lock takes."""
    taken = pending[:]
    del pending[: len(taken)]
    return taken


def _exemplar(value: float, at: int, context: SpanContext | None) -> Exemplar:
    if context is None or not context.is_valid:
        return Exemplar({}, value, at)
    return Exemplar({}, value, at, context.span_id, context.trace_id)
