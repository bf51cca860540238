"""Replace the readers that would export each process's own counts by the ledger."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import metrics
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader

from pazpaz_otel import forks, patches
from pazpaz_otel.errors import LedgerError
from pazpaz_otel.imports import when_imported
from pazpaz_otel.notices import Told
from pazpaz_otel.otel import shutdown
from pazpaz_otel.otel.workers import reason_for_several
from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.sdk.metrics.export import MetricReader

    from pazpaz_otel.otel.ledger.ledger import Ledger
    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.settings import Settings

logger = logging.getLogger(__name__)

_ledger: Ledger | None = None
_has_tried = False
"""Whether this process, or the one that forked it, tried to join a ledger."""
_joining: Final = forks.reentrant_lock()
"""Held while this process joins a ledger, which no other thread may fork meanwhile."""

_EXPORT_INTERVAL: Final = 5.0
"""Seconds between two exports unless `OTEL_METRIC_EXPORT_INTERVAL` is set."""
_MAX_SERIES: Final = 2000
"""The maximum number of series of a metric without a limit in the policy."""


def reason(settings: Settings) -> str | None:
    """Return why this process uses a ledger, or `None` if it doesn't."""
    if settings.ledger == "off":
        return None
    if settings.ledger == "auto":
        return reason_for_several(settings.web_concurrency)
    return "PAZPAZ_OTEL_LEDGER says so"


def refusal(settings: Settings, digest: str) -> str | None:
    """Return why the ledger that this process would use can't be kept, or `None`."""
    from pazpaz_otel.otel.ledger.location import ledger_file  # noqa: PLC0415 - only where there is one

    if reason(settings) is None:
        return None
    try:
        ledger_file(_directory(settings), dict(settings.resource_attributes), digest)
    except LedgerError as error:
        return str(error)
    return None


def _directory(settings: Settings) -> str | None:
    return settings.ledger if settings.ledger not in {"auto", "on"} else None


def lease(name: str, seconds: float) -> bool:
    """Return whether this process may perform a duty that one process of the host has; without a ledger, each may.

    Args:
        name: the duty's name.
        seconds: for how long it is taken or renewed.
    """
    return _ledger is None or _ledger.lease(name, seconds)


def install(settings: Settings, guard: Guard) -> Ledger | None:
    """Make this process join the host's ledger, if it is one of several, and return the ledger.

    If the ledger can't be written, each process exports its own counts, and one line says why.
    """
    if reason(settings) is not None:
        return _join(settings, guard)
    if settings.ledger == "auto":
        starting = functools.partial(_starting, settings, guard)
        when_imported(
            "multiprocessing.process",
            lambda _: patches.install("multiprocessing.start", starting),
            functools.partial(drops.fail, "metric"),
        )
    return None


def _starting(settings: Settings, guard: Guard, original: Any) -> Any:
    """Join as soon as `multiprocessing` starts a process, which may have counts of its own."""

    def start(self: Any) -> None:
        with _joining:
            if not _has_tried:
                with drops.contained("metric"):
                    _join(settings, guard, late=True)
        original(self)

    return start


def _join(settings: Settings, guard: Guard, *, late: bool = False) -> Ledger | None:
    global _ledger, _has_tried  # noqa: PLW0603 - one process, one ledger
    _has_tried = True
    provider = metrics.get_meter_provider()
    if not isinstance(provider, MeterProvider):
        return None
    replaced = _replaced(provider._metric_readers)  # noqa: SLF001
    if not replaced:
        return None
    try:
        _ledger = _start(settings, guard, provider, replaced, late=late)
    except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
        why = Told(error if isinstance(error, LedgerError) else f"its file can't be used ({type(error).__name__})")
        logger.warning(
            "each worker exports its own counts, which can't be summed exactly: there is no ledger, because %s;"
            " set PAZPAZ_OTEL_LEDGER to a local directory that this process may write",
            why,
        )
        for reader in replaced:
            if not isinstance(reader, PeriodicExportingMetricReader) and not reader.serves:  # type: ignore[attr-defined]
                reader.refuse()  # type: ignore[attr-defined]
        return None
    return _ledger


def _start(settings: Settings, guard: Guard, provider: Any, replaced: list[MetricReader], *, late: bool) -> Ledger:
    from pazpaz_otel.otel.ledger.ledger import Ledger  # noqa: PLC0415 - only where there is one
    from pazpaz_otel.otel.ledger.location import ledger_file  # noqa: PLC0415
    from pazpaz_otel.otel.ledger.reader import Sender  # noqa: PLC0415
    from pazpaz_otel.otel.ledger.store import Store  # noqa: PLC0415
    from pazpaz_otel.otel.ledger.takeover import Takeover  # noqa: PLC0415
    from pazpaz_otel.otel.prometheus import Endpoint, labels_of  # noqa: PLC0415

    chosen = _directory(settings)
    store = Store(ledger_file(chosen, dict(settings.resource_attributes), guard.policy.digest), keep=chosen is not None)
    pushing = [reader for reader in replaced if isinstance(reader, PeriodicExportingMetricReader)]
    exporters = [reader._exporter for reader in pushing]  # noqa: SLF001
    interval = settings.metric_export_interval or _EXPORT_INTERVAL
    rules = guard.policy.metrics
    ledger = Ledger(
        store,
        Sender(exporters) if exporters else None,
        lambda: guard.resource(provider._sdk_config.resource),  # noqa: SLF001
        lambda name: rules[name].limit if name in rules else _MAX_SERIES,
        interval=interval,
        scrape_interval=settings.scrape_interval,
        preferred_aggregation=exporters[0]._preferred_aggregation if exporters else None,  # noqa: SLF001
    )
    embedded: list[Any] = [reader for reader in replaced if reader not in pushing]
    serving = embedded[0].hand_over() if embedded else None
    takeover = Takeover(provider, replaced, ledger.reader)
    if serving is not None:
        # Whoever scrapes goes on from what it was shown.
        ledger.begin_with(takeover.counted(), takeover.prepared)
    elif late:
        ledger.begin_after(takeover.counted())
        takeover.export_last(dict(zip(pushing, exporters, strict=True)))
    # The provider's own list determines what is flushed and shut down.
    provider._metric_readers = [  # noqa: SLF001
        *(reader for reader in provider._metric_readers if reader not in replaced),  # noqa: SLF001
        ledger.reader,
    ]
    endpoint = None
    if embedded:
        endpoint = Endpoint(
            settings.prometheus_host,
            settings.prometheus_port,
            labels_of(guard.policy),
            ledger.scrape,
            ledger.lease,
            serving,
        )

    def in_child() -> None:
        ledger.after_fork()
        if endpoint is not None:
            endpoint.after_fork()

    forks.around(ledger.before_fork, ledger.after_fork_in_parent, in_child)
    shutdown.merge_before_exit(ledger.merge, ledger.reader.force_flush)
    ledger.start()
    return ledger


def _replaced(readers: Iterable[MetricReader]) -> list[MetricReader]:
    """Return the readers that would export this process's own counts.

    The embedded endpoint's, while it serves, is one of them only if there is no other: the ledger can't begin both with
    what was counted and without.
    """
    pushing = [reader for reader in readers if _pushes_sums(reader)]
    return [*pushing, *(reader for reader in readers if _is_embedded(reader) and not (pushing and reader.serves))]  # type: ignore[attr-defined]


def _pushes_sums(reader: MetricReader) -> bool:
    if not isinstance(reader, PeriodicExportingMetricReader):
        return False
    exporter = reader._exporter  # noqa: SLF001
    preferred = exporter._preferred_temporality or {}  # noqa: SLF001
    # An exporter that wants deltas has no use for sums.
    cumulative = preferred.get(Counter, AggregationTemporality.CUMULATIVE) is AggregationTemporality.CUMULATIVE
    return ".otlp" in type(exporter).__module__ and cumulative


def _is_embedded(reader: MetricReader) -> bool:
    if isinstance(reader, PeriodicExportingMetricReader):
        return False
    from pazpaz_otel.otel.prometheus import EmbeddedPrometheusReader  # noqa: PLC0415 - it imports its library

    return isinstance(reader, EmbeddedPrometheusReader)
