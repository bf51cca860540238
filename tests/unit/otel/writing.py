"""What writes on telemetry in these tests, and the guards that it writes behind."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from unittest import mock

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult

from pazpaz_otel.otel import exporters, providers, text_writers
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "Dvora Mizrahi, 305123456"
WORKSPACE = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"


def guard_process() -> None:
    """Put the guards of the default policy in place; the tests make their providers afterwards.

    The searches for older ones would read every object that hundreds of test modules made, for each test.
    """
    guard = Guard(load_policy())
    nothing = {"living": mock.Mock(return_value=[])}
    with mock.patch.multiple(providers, **nothing), mock.patch.multiple(exporters, **nothing):
        providers.guard_providers(guard)
    text_writers.prove_at_the_source(guard)


def in_place(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A writer that changes the item that it is given, where that can be changed."""

    def writing(item: Any) -> Any:
        with contextlib.suppress(Exception):
            write(item)
        return item

    return writing


class MetricSink(MetricExporter):
    """Keeps the bytes that an exporter of OTLP would send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def export(self, metrics_data: Any, timeout_millis: float = 10_000, **kwargs: Any) -> MetricExportResult:
        self.sent += encode_metrics(metrics_data).SerializeToString()
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        pass
