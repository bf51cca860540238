"""Guarded telemetry is still of use: what the stock instrumentations emit is there, unless it may not leave."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.traffic.driver import Plan, drive
from pazpaz_otel.audit.canaries import tokens_of
from pazpaz_otel.audit.scan import Scanner
from pazpaz_otel.audit.sinks import HttpSink, Received
from tests.integration.backend import Backend
from tests.integration.usefulness import compare

if TYPE_CHECKING:
    from examples.traffic.account import Account

pytestmark = pytest.mark.slow


def _run(folder: Path, conventions: str, *, stock: bool) -> tuple[list[Received], Account]:
    folder.mkdir()
    with HttpSink() as sink:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_TRACES_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_SEMCONV_STABILITY_OPT_IN": conventions,
        }
        backend = Backend(folder, settings, instrumented=not stock)
        if stock:
            launcher = Path(__file__).with_name("stock_backend.py")
            backend.command = [sys.executable, str(launcher), *backend.command[1:]]
        with backend:
            account = asyncio.run(drive(backend.url, Plan(seed=31, workspaces=2, faults=True)))
        return list(sink.received), account


@pytest.mark.parametrize("conventions", ["http,database", "none"], ids=["stable", "old"])
def test_what_may_leave_does(conventions: str, tmp_path: Path) -> None:
    """At least 95 % of the attributes that stock emits, less those that may not leave, are there under the guards."""
    stock, account = _run(tmp_path / "stock", conventions, stock=True)
    ours, other = _run(tmp_path / "ours", conventions, stock=False)
    planted = [*account.planted, *other.planted]
    patients = Scanner({str(number): tokens_of(canary) for number, canary in enumerate(planted)})
    result = compare(stock, ours, patients)
    assert result.expected > 2000
    assert result.share >= 0.95, result.lost.most_common(30)
