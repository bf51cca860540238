"""What the guard itself costs: one finished span of ten attributes, every value met before."""

from __future__ import annotations

import time

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.redact.span import SpanGuard

ATTRIBUTES = {
    "http.request.method": "GET",
    "url.scheme": "http",
    "server.address": "127.0.0.1",
    "server.port": 8000,
    "network.protocol.version": "1.1",
    "http.route": "/api/v1/appointments/{appointment_id}",
    "url.path": "/api/v1/appointments/6f3c1f04-9a0e-4c43-8f5b-0f6a9f8f4f55",
    "http.response.status_code": 200,
    "client.address": "203.0.113.7",
    "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
"""What the stable conventions put on a server span: eight that leave, one as its template, and two that don't."""


def per_span(spans: int = 20_000, repeats: int = 7) -> float:
    """Microseconds of CPU to guard one span, the least of the repeats: what else the machine does only adds."""
    evidence = Evidence()
    evidence.add_routes(lambda: [ATTRIBUTES["http.route"]])
    guard = SpanGuard(Guard(load_policy(), evidence))
    span = _span()
    for _ in range(200):
        guard.clean(span)
    times = []
    for _ in range(repeats):
        began = time.process_time()
        for _ in range(spans):
            guard.clean(span)
        times.append((time.process_time() - began) / spans * 1e6)
    return min(times)


def _span() -> ReadableSpan:
    provider = TracerProvider(resource=Resource({"service.name": "clinic-api"}), shutdown_on_exit=False)
    span = provider.get_tracer(__name__).start_span(f"GET {ATTRIBUTES['http.route']}", attributes=ATTRIBUTES)
    span.end()
    assert isinstance(span, ReadableSpan)
    return span
