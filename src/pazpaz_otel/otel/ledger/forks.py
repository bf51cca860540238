"""Protect a ledger across forks."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics._internal.metric_reader_storage import MetricReaderStorage

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import MetricReader


def survive_forks(holding: Callable[[], AbstractContextManager[None]], in_child: Callable[[], None]) -> None:
    """Enter `holding` around each fork, and call `in_child` in the child."""
    if not hasattr(os, "register_at_fork"):
        return
    held: list[AbstractContextManager[None]] = []

    def before() -> None:
        context = holding()
        context.__enter__()
        held.append(context)

    def in_parent() -> None:
        held.pop().__exit__(None, None, None)

    def child() -> None:
        held.clear()
        in_child()

    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=child)


def forget_measurements(provider: MeterProvider, reader: MetricReader) -> None:
    """Give the reader empty aggregations, because a child would count again what its parent counted.

    The old ones may be locked by a thread that doesn't exist in the child.
    """
    consumer: Any = provider._measurement_consumer  # noqa: SLF001
    consumer._lock = threading.Lock()  # noqa: SLF001
    temporality: dict[Any, Any] = reader._instrument_class_temporality  # noqa: SLF001
    aggregation: dict[Any, Any] = reader._instrument_class_aggregation  # noqa: SLF001
    storage = MetricReaderStorage(consumer._sdk_config, temporality, aggregation)  # noqa: SLF001
    consumer._reader_storages = {**consumer._reader_storages, reader: storage}  # noqa: SLF001
