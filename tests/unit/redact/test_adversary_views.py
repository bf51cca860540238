"""What others may read of a span that is running, and of hosts that look like this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import TraceState

from pazpaz_otel.otel.span_view import guarded_view
from pazpaz_otel.redact.metric import MetricGuard
from pazpaz_otel.redact.span import SpanGuard

if TYPE_CHECKING:
    from typing import Any

    from pazpaz_otel.redact.evidence import Evidence
    from pazpaz_otel.redact.guards import Guard


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


class _Liar(int):
    def __le__(self, other: object) -> bool:
        return True

    __ge__ = __lt__ = __gt__ = __le__


def test_a_number_that_compares_as_it_likes_is_judged_by_what_it_is(guard: Guard) -> None:
    """A subclass of `int` can't talk its way past a range, as an attribute or as a measurement."""
    number = _Liar(234567891)
    kept, _ = guard.attributes.clean({"http.response.status_code": number, "duration_ms": number}, "span_attribute")
    assert kept == {}
    assert not MetricGuard(guard).in_range(guard.policy.metrics["active_workspaces_24h"], number)


def test_a_scope_is_named_by_the_proven_text_itself(guard: Guard) -> None:
    """A subclass of `str` that equals a proven name doesn't leave in its place."""

    class Name(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return other == "GET"

        def __hash__(self) -> int:
            return hash("GET")

    assert guard.names.event("GET") == "GET"
    assert "dvora" not in str.__str__(guard.names.scope(Name("dvora")))
