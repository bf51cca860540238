"""What a request's headers carry, read in one pass, against what the SDK's propagator finds in them."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import baggage, propagate
from opentelemetry.context import Context
from opentelemetry.instrumentation.asgi import asgi_getter
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pazpaz_otel.integrations.lean.incoming import Incoming

TRACE, SPAN = b"0af7651916cd43dd8448eb211c80319c", b"b7ad6b7169203331"
USUAL = b"00-" + TRACE + b"-" + SPAN + b"-01"
HEADERS: dict[str, list[tuple[bytes, bytes]]] = {
    "none": [],
    "usual": [(b"traceparent", USUAL)],
    "not sampled": [(b"traceparent", USUAL[:-1] + b"0")],
    "all flags": [(b"traceparent", USUAL[:-2] + b"ff")],
    "capitals": [(b"traceparent", USUAL.upper())],
    "spaces": [(b"traceparent", b" " + USUAL + b"\t")],
    "a line break": [(b"traceparent", USUAL + b"\n")],
    "more in version 0": [(b"traceparent", USUAL + b"-more")],
    "more in version 1": [(b"traceparent", b"01" + USUAL[2:] + b"-more")],
    "version ff": [(b"traceparent", b"ff" + USUAL[2:])],
    "no trace": [(b"traceparent", b"00-" + b"0" * 32 + b"-" + SPAN + b"-01")],
    "no span": [(b"traceparent", b"00-" + TRACE + b"-" + b"0" * 16 + b"-01")],
    "short": [(b"traceparent", USUAL[:-3])],
    "empty": [(b"traceparent", b"")],
    "not ASCII": [(b"traceparent", "\uff10\uff10".encode() + USUAL[2:])],
    "two": [(b"traceparent", USUAL), (b"traceparent", USUAL.replace(b"0af", b"1af"))],
    "a bad one and a good one": [(b"traceparent", b"x"), (b"traceparent", USUAL)],
    "trace state": [(b"traceparent", USUAL), (b"tracestate", b"vendor=1")],
    "baggage": [(b"baggage", b"tier=gold"), (b"traceparent", USUAL)],
    "baggage alone": [(b"baggage", b"tier=gold")],
}


@pytest.mark.parametrize("composed", [True, False], ids=["composite", "alone"])
@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_it_finds_what_the_propagator_finds(
    headers: list[tuple[bytes, bytes]], *, composed: bool, monkeypatch: pytest.MonkeyPatch
):
    """Parent, flags, trace state and baggage are the SDK's for every header that a caller may send."""
    if not composed:
        alone = TraceContextTextMapPropagator()
        monkeypatch.setattr(propagate, "get_global_textmap", lambda: alone)
    scope: dict[str, Any] = {"type": "http", "headers": headers}
    theirs = propagate.extract(scope, Context(), asgi_getter)
    expected = get_current_span(theirs).get_span_context()
    parent, context = Incoming(scope).parent(Context())
    assert (parent is not None) == expected.is_valid
    if parent is not None:
        assert tuple(parent) == tuple(expected)
    assert baggage.get_all(context) == baggage.get_all(theirs)


def test_another_propagator_is_asked(monkeypatch: pytest.MonkeyPatch):
    """A propagator of the application's own decides what a header means, also one of W3C's names."""

    class Refusing(TraceContextTextMapPropagator):
        def extract(self, carrier: Any, context: Context | None = None, getter: Any = None) -> Context:
            return context or Context()

    for chosen in (Refusing(), CompositePropagator([Refusing()])):
        monkeypatch.setattr(propagate, "get_global_textmap", lambda chosen=chosen: chosen)
        monkeypatch.setattr(propagate, "extract", lambda *args, chosen=chosen: chosen.extract(*args))
        assert Incoming({"headers": [(b"traceparent", USUAL)]}).parent(Context())[0] is None


@pytest.mark.parametrize(("value", "length"), [(b"17", 17), (b"many", None), (b"", None)])
def test_a_length_is_read(value: bytes, length: int | None):
    """The length of the body is the header's, where that is a number."""
    assert Incoming({"headers": [(b"host", b"x"), (b"content-length", value)]}).length == length
    assert Incoming({}).length is None
