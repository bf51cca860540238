"""Sends one synthetic span, metric and log record with the configured exporters, and reports what they say."""

from __future__ import annotations

import json
import logging
import re
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_REASONS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\[Errno -?[0-9]+\] [A-Za-z ,]{1,60}",
        r"code: [0-9]{3}",
        r"StatusCode\.[A-Z_]+",
        r"[A-Za-z]+(?:Error|Timeout)\b",
        r"timeout",
    )
)
_SECONDS = 5.0
_READ_BACK = 20.0


def deliver(protocol: str) -> tuple[dict[str, str], str]:
    """Send one item of each signal, synchronously.

    Args:
        protocol: ``grpc`` or ``http/protobuf``.

    Returns:
        For each signal ``delivered`` or the exporter's own words; and the trace's id.
    """
    said: dict[str, str] = {}
    items = _items()
    for signal, exporter in _exporters(protocol).items():
        with _listening() as words:
            result = exporter.export(items[signal])
            exporter.shutdown()
        said[signal] = "delivered" if result.name == "SUCCESS" else f"not delivered: {_brief(words)}"
    return said, f"{items['traces'][0].context.trace_id:032x}"


def read_back(tempo: str, trace_id: str) -> bool:
    """Return whether Tempo has the trace, asked until it has or 20 s have passed.

    Args:
        tempo: its origin, such as ``http://127.0.0.1:3200``.
        trace_id: 32 hexadecimal digits.
    """
    deadline = time.monotonic() + _READ_BACK
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{tempo.rstrip('/')}/api/traces/{trace_id}", timeout=_SECONDS) as answer:  # noqa: S310 - the user's own URL
                if json.loads(answer.read() or b"{}"):
                    return True
        except (urllib.error.URLError, ValueError, OSError):
            pass
        time.sleep(0.5)
    return False


def _brief(words: list[str]) -> str:
    """Return the exporter's own words, without what may be a secret: URLs, and what a server answered."""
    said = " ".join(words)
    for pattern in _REASONS:
        match = pattern.search(said)
        if match:
            return match.group().strip()
    return "the exporter gave no reason"


def _exporters(protocol: str) -> dict[str, Any]:
    # The exporters read their endpoint, headers and certificates from the environment, as the application's do.
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import _log_exporter, metric_exporter, trace_exporter  # noqa: PLC0415
    else:
        from opentelemetry.exporter.otlp.proto.http import (  # type: ignore[no-redef]  # noqa: PLC0415
            _log_exporter,
            metric_exporter,
            trace_exporter,
        )
    return {
        "traces": trace_exporter.OTLPSpanExporter(timeout=_SECONDS),
        "metrics": metric_exporter.OTLPMetricExporter(timeout=_SECONDS),
        "logs": _log_exporter.OTLPLogExporter(timeout=_SECONDS),
    }


def _items() -> dict[str, Any]:
    from opentelemetry._logs import LogRecord, SeverityNumber  # noqa: PLC0415
    from opentelemetry.sdk._logs import LoggerProvider  # noqa: PLC0415
    from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: PLC0415

    spans, traces = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(SimpleSpanProcessor(spans))
    traces.get_tracer(__name__).start_span("pazpaz-otel doctor").end()
    reader = InMemoryMetricReader()
    meters = MeterProvider([reader], shutdown_on_exit=False)
    meters.get_meter(__name__).create_up_down_counter("active_websocket_sessions").add(0)
    records: Any = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(records))
    logs.get_logger(__name__).emit(LogRecord(body="pazpaz-otel doctor", severity_number=SeverityNumber.INFO))
    return {
        "traces": spans.get_finished_spans(),
        "metrics": reader.get_metrics_data(),
        "logs": records.get_finished_logs(),
    }


@contextmanager
def _listening() -> Iterator[list[str]]:
    words: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            words.append(record.getMessage())

    logger = logging.getLogger("opentelemetry.exporter")
    listener, propagate = Listener(), logger.propagate
    logger.addHandler(listener)
    logger.propagate = False
    try:
        yield words
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagate
