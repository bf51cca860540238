"""What others may read of a span that is running, and of hosts that look like this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import TraceState

from pazpaz_otel.enforce.live import guarded_view
from pazpaz_otel.enforce.span import SpanGuard

if TYPE_CHECKING:
    from typing import Any

    from pazpaz_otel.enforce.evidence import Evidence
    from pazpaz_otel.enforce.guard import Guard


class _Marking(Sampler):
    def should_sample(self, *_: Any, **__: Any) -> SamplingResult:
        return SamplingResult(Decision.RECORD_AND_SAMPLE, {}, TraceState([("v", "dvora-katz")]))

    def get_description(self) -> str:
        return "marking"


def test_a_running_span_shows_no_trace_state_and_no_scope(guard: Guard) -> None:
    """A processor that looks into a span at its start sees neither trace state nor an unproven scope."""
    tracer = TracerProvider(sampler=_Marking()).get_tracer("dvora-katz", schema_url="https://dvora-katz")
    span = guarded_view(tracer.start_span("x"), SpanGuard(guard))  # type: ignore[arg-type]
    seen = [span.get_span_context(), span.context, span._context, span.instrumentation_info, span.instrumentation_scope]
    assert "dvora-katz" not in repr(seen)
    assert span.get_span_context().trace_id != 0


@pytest.mark.parametrize("host", ["::1%dvora katz", "127.51.234.56", "127.51.234.56:80"])
def test_a_loopback_address_carries_nothing(evidence: Evidence, host: str) -> None:
    """Loopback proves the addresses that systems use: not a zone's name, nor a number in the rest of the network."""
    assert not evidence.host(host)
    assert evidence.host("127.0.0.11")
    assert evidence.host("::1")
