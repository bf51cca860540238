"""Send one synthetic span, metric and log record with the configured exporters, and report their results."""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

_REASONS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\[Errno -?[0-9]+\] [A-Za-z ,]{1,60}",
        r"code: [0-9]{3}",
        r"StatusCode\.[A-Z_]+",
        r"CERTIFICATE_VERIFY_FAILED",
        r"\bSSLError\b",
        r"[A-Za-z]+(?:Error|Timeout)\b",
        r"timeout",
    )
)
_TIMEOUT = 5.0
_READ_BACK_TIMEOUT = 20.0


def deliver(protocols: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Send one item of each signal, all at once: each exporter retries for seconds if nothing is listening.

    Args:
        protocols: for each signal to send, ``grpc`` or ``http/protobuf``.

    Returns:
        For each signal, ``delivered`` or the exporter's own message; and the trace id.
    """
    trace_id = secrets.randbits(128) or 1
    items = {"traces": lambda: _spans(trace_id), "metrics": _metrics, "logs": _records}
    try:
        exporters = {signal: _exporters(protocol)[signal] for signal, protocol in protocols.items()}
    except (ImportError, ValueError) as error:
        # The SDK reads its limits when it is imported, and raises if one is invalid.
        return dict.fromkeys(protocols, f"not delivered: {type(error).__name__}"), f"{trace_id:032x}"
    with _listening() as heard, ThreadPoolExecutor() as pool:
        sending = {signal: pool.submit(_send, exporter, items[signal], heard) for signal, exporter in exporters.items()}
    return {signal: outcome.result() for signal, outcome in sending.items()}, f"{trace_id:032x}"


def _send(exporter: Callable[[], Any], item: Callable[[], Any], heard: dict[int, list[str]]) -> str:
    words = heard[threading.get_ident()] = []
    try:
        made = exporter()
        result = made.export(item()).name
        made.shutdown()
    except Exception as error:  # noqa: BLE001 - an invalid setting can raise any exception
        words.append(type(error).__name__)
        result = "FAILURE"
    return "delivered" if result == "SUCCESS" else f"not delivered: {_brief(words)}"


def read_back(tempo: str, trace_id: str) -> bool:
    """Return whether Tempo has the trace; retry for up to 20 s.

    Args:
        tempo: Tempo's origin, such as ``http://127.0.0.1:3200``.
        trace_id: 32 hexadecimal digits.
    """
    deadline = time.monotonic() + _READ_BACK_TIMEOUT
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{tempo.rstrip('/')}/api/traces/{trace_id}", timeout=_TIMEOUT) as answer:  # noqa: S310 - the user's own URL
                if json.loads(answer.read() or b"{}"):
                    return True
        except (urllib.error.URLError, ValueError, OSError):
            pass
        time.sleep(0.5)
    return False


def _brief(words: list[str]) -> str:
    """Return the exporter's message without what may be secret: URLs and the server's response."""
    said = " ".join(words)
    for pattern in _REASONS:
        match = pattern.search(said)
        if match:
            return match.group().strip()
    return "the exporter gave no reason"


def _exporters(protocol: str) -> dict[str, Callable[[], Any]]:
    # The exporters read endpoint, headers and certificates from the environment, like the application's exporters.
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import _log_exporter, metric_exporter, trace_exporter  # noqa: PLC0415
    else:
        from opentelemetry.exporter.otlp.proto.http import (  # type: ignore[no-redef]  # noqa: PLC0415
            _log_exporter,
            metric_exporter,
            trace_exporter,
        )
    return {
        "traces": partial(trace_exporter.OTLPSpanExporter, timeout=_TIMEOUT),
        "metrics": partial(metric_exporter.OTLPMetricExporter, timeout=_TIMEOUT),
        "logs": partial(_log_exporter.OTLPLogExporter, timeout=_TIMEOUT),
    }


def _spans(trace_id: int) -> Any:
    # Created without a provider, so that no sampler or limit affects it: the question is whether a span arrives.
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope  # noqa: PLC0415
    from opentelemetry.trace import SpanContext, TraceFlags  # noqa: PLC0415

    context = SpanContext(trace_id, secrets.randbits(64) or 1, is_remote=False, trace_flags=TraceFlags(1))
    now = time.time_ns()
    return [
        ReadableSpan(
            "pazpaz-otel doctor",
            context,
            resource=Resource.create(),
            instrumentation_scope=InstrumentationScope(__name__),
            start_time=now,
            end_time=now,
        )
    ]


def _metrics() -> Any:
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415

    reader = InMemoryMetricReader()
    meters = MeterProvider([reader], shutdown_on_exit=False)
    meters.get_meter(__name__).create_up_down_counter("active_websocket_sessions").add(0)
    return reader.get_metrics_data()


def _records() -> Any:
    from opentelemetry._logs import LogRecord, SeverityNumber  # noqa: PLC0415
    from opentelemetry.sdk._logs import LoggerProvider  # noqa: PLC0415
    from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor  # noqa: PLC0415

    records: Any = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(records))
    logs.get_logger(__name__).emit(LogRecord(body="pazpaz-otel doctor", severity_number=SeverityNumber.INFO))
    return records.get_finished_logs()


@contextmanager
def _listening() -> Iterator[dict[int, list[str]]]:
    """Give what the exporters log, by the thread in which they do."""
    heard: dict[int, list[str]] = defaultdict(list)

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard[threading.get_ident()].append(record.getMessage())

    logger = logging.getLogger("opentelemetry.exporter")
    listener, propagate = Listener(), logger.propagate
    logger.addHandler(listener)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagate
