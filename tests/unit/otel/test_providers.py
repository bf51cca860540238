"""Providers that are older than the guards."""

from __future__ import annotations

import gc
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider

from pazpaz_otel.otel import providers
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.guards import Guard
from tests.unit.otel.writing import NAME


class _Telling(SpanProcessor):
    """Sends by itself what it is given."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.told.append((span.name, dict(span.attributes or {})))


def test_a_provider_that_a_server_froze_is_guarded() -> None:
    """A provider is found where the heap was frozen before it forks, and the heap stays frozen."""
    provider, telling = TracerProvider(shutdown_on_exit=False), _Telling()
    provider.add_span_processor(telling)
    gc.freeze()
    try:
        providers.guard_existing(Guard(load_policy()))
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
    with provider.get_tracer("tests").start_as_current_span("read note", attributes={"client.name": NAME}):
        pass
    assert telling.told == [("read note", {})]
