"""A started client whose transport keeps envelopes instead of sending them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import sentry_sdk
import sentry_sdk.client
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport

from pazpaz_otel import notices
from pazpaz_otel.integrations import registry
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.sentry import client, client_patches
from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan
    from sentry_sdk.envelope import Envelope

DSN = "http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1"
"""The discard port: were anything sent, nobody would take it."""


class Kept(Transport):
    """Keeps what the guard lets through."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        super().__init__(options)
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    @property
    def bytes(self) -> bytes:
        return b"".join(envelope.serialize() for envelope in self.envelopes)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [item.payload.json for envelope in self.envelopes for item in envelope.items]


class Spans:
    """The spans of a test: a provider of its own, put in as the global one's would be."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("tests")

    def named(self, name: str) -> ReadableSpan:
        return next(span for span in self._exporter.get_finished_spans() if span.name == name)


@pytest.fixture
def guard() -> Guard:
    """The guard of the default policy, for an application with two routes."""
    evidence = Evidence(hosts=["api.example"], configured=["test"])
    evidence.add_routes(lambda: ["/clients/{client_id}", "/boom"])
    return Guard(load_policy(), evidence)


@pytest.fixture
def kept(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """What a started client sends."""
    monkeypatch.setattr(notices, "_given", {})
    environment = {"SENTRY_DSN": DSN, "SENTRY_ENVIRONMENT": "test", "SENTRY_RELEASE": "api@1.2.3"}
    # Hundreds of test modules made the objects among which clients from before would be looked for.
    with mock.patch.object(client_patches, "living", return_value=[]):
        assert client.start(Settings.from_env(environment), guard, registry.error_hooks())
    transport = Kept()
    running = sentry_sdk.get_client()
    running.transport._inner = transport
    yield transport
    running.close(0)
    sentry_sdk.get_global_scope().set_client(None)
    sentry_sdk.get_isolation_scope().clear()


@pytest.fixture
def spans() -> Spans:
    """A tracer, and the spans that it ended."""
    return Spans()


def ids(span: trace.Span | ReadableSpan) -> tuple[str, str]:
    """A span's trace and span id, as Sentry writes them."""
    context = span.get_span_context()
    return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)


def linked(event: dict[str, Any]) -> tuple[str, str]:
    """The trace and span id of an event."""
    found = event["contexts"]["trace"]
    return found["trace_id"], found["span_id"]
