"""What goes to other hosts with a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import baggage, propagate, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pazpaz_otel.otel.propagation import destination, guard_propagation
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.load import build
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "Dvora-Mizrahi-7731"
UUID = "0190b3f2-7c1a-7d3e-8a2b-0123456789ab"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
POLICY = """
version: 1
extends: default
baggage:
  workspace.id: {kind: uuid, hosts: [billing.internal]}
"""


@pytest.fixture
def propagator() -> Iterator[TextMapPropagator]:
    """The global propagator, guarded."""
    guard_propagation(Guard(build(Document(POLICY, "policy.yaml")), Evidence()))
    yield propagate.get_global_textmap()
    destination.set(None)


def incoming(propagator: TextMapPropagator) -> Context:
    carrier = {
        "traceparent": TRACE,
        "tracestate": f"vendor={SECRET}",
        "baggage": f"workspace.id={UUID},patient={SECRET}",
    }
    return propagator.extract(carrier, Context())


def test_the_trace_goes_on(propagator: TextMapPropagator):
    """Trace and span ids are handed on as they are, without a caller's trace state."""
    context = incoming(propagator)
    assert not trace.get_current_span(context).get_span_context().trace_state
    carrier: dict[str, str] = {}
    propagator.inject(carrier, context)
    assert carrier == {"traceparent": TRACE}


def test_baggage_goes_by_key_and_host(propagator: TextMapPropagator):
    """A listed key goes to its host; no other key does, and nothing goes anywhere else."""
    context = incoming(propagator)
    assert baggage.get_baggage("patient", context) == SECRET
    for host, expected in (("billing.internal", f"workspace.id={UUID}"), ("sms.example", None), (None, None)):
        destination.set(host)
        carrier: dict[str, str] = {}
        propagator.inject(carrier, context)
        assert carrier.get("baggage") == expected


def test_a_host_counts_for_one_request(propagator: TextMapPropagator):
    """A request whose host isn't known carries no baggage, whatever the one before it went to."""
    context = incoming(propagator)
    destination.set("billing.internal")
    propagator.inject({}, context)
    carrier: dict[str, str] = {}
    propagator.inject(carrier, context)
    assert "baggage" not in carrier


def test_a_value_of_another_kind_stays(propagator: TextMapPropagator):
    """A listed key with a value of another kind doesn't go."""
    context = baggage.set_baggage("workspace.id", SECRET, Context())
    destination.set("billing.internal")
    carrier: dict[str, str] = {}
    propagator.inject(carrier, context)
    assert "baggage" not in carrier


def test_every_propagator_is_guarded(propagator: TextMapPropagator):
    """A propagator that is put in by an early import of the setter, made later or called by itself is guarded, too."""

    class Shouting(TextMapPropagator):
        @property
        def fields(self) -> set[str]:
            return {"x-patient"}

        def extract(self, carrier: Any, context: Any = None, getter: Any = None) -> Context:
            return context or Context()

        def inject(self, carrier: Any, context: Any = None, setter: Any = None) -> None:
            carrier["x-patient"] = str(baggage.get_baggage("patient", context))

    context = incoming(propagator)
    for each in (
        W3CBaggagePropagator(),
        TraceContextTextMapPropagator(),
        CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()]),
        Shouting(),
    ):
        carrier: dict[str, str] = {}
        each.inject(carrier, context)
        assert SECRET not in str(carrier)
