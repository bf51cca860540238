"""Renew in a forked process what the SDK leaves as the parent's threads had it.

Its locks may be held by a thread that doesn't exist in the child, where the next measurement would wait forever; and
the parent's measurements would be exported a second time.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import suppress
from typing import Any, Final

from opentelemetry.sdk import resources
from opentelemetry.sdk.metrics._internal.metric_reader_storage import MetricReaderStorage

from pazpaz_otel import forks

_providers: Final[weakref.WeakSet[Any]] = weakref.WeakSet()


def count_from_zero(provider: Any) -> None:
    """Let a meter provider of the SDK begin with no measurements in every process that is forked from now on."""
    _providers.add(provider)


def _begin(provider: Any) -> None:
    consumer = provider._measurement_consumer  # noqa: SLF001 - the SDK has no reset
    consumer._lock = threading.Lock()  # noqa: SLF001
    consumer._reader_storages = {  # noqa: SLF001
        reader: MetricReaderStorage(
            consumer._sdk_config,  # noqa: SLF001
            reader._instrument_class_temporality,  # noqa: SLF001
            reader._instrument_class_aggregation,  # noqa: SLF001
        )
        for reader in consumer._reader_storages  # noqa: SLF001
    }
    for reader in consumer._reader_storages:  # noqa: SLF001
        # A reader that exports by itself.
        if hasattr(reader, "_export_lock"):
            reader._export_lock = threading.Lock()  # noqa: SLF001
            if not reader._shutdown:  # noqa: SLF001
                reader._shutdown_event = threading.Event()  # noqa: SLF001
    for meter in provider._meters.values():  # noqa: SLF001
        meter._instrument_ids_lock = threading.Lock()  # noqa: SLF001
        meter._instrument_registration_lock = threading.Lock()  # noqa: SLF001


def _after_fork() -> None:
    # The providers' own hooks, which come later, take it.
    with suppress(AttributeError):
        resources._service_instance_id_lock = threading.Lock()  # noqa: SLF001
    for provider in list(_providers):
        with suppress(Exception):
            _begin(provider)


forks.in_child(_after_fork)
