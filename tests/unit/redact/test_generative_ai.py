"""Spans of calls to models, as OpenTelemetry's and others' instrumentations write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind

from pazpaz_otel.redact.span import SpanGuard

if TYPE_CHECKING:
    from pazpaz_otel.redact.guards import Guard

KEPT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.max_tokens": 512,
    "gen_ai.usage.input_tokens": 1893,
    "gen_ai.usage.output_tokens": 244,
    "gen_ai.response.finish_reasons": ("stop",),
}
NOTE = "Dana Levi, born 1984-02-29, F32.1"
CONTENT = {
    "gen_ai.input.messages": f'[{{"role": "user", "content": "{NOTE}"}}]',
    "gen_ai.output.messages": NOTE,
    "gen_ai.system_instructions": NOTE,
    "gen_ai.prompt.0.content": NOTE,
    "gen_ai.completion.0.content": NOTE,
    "gen_ai.tool.call.arguments": NOTE,
    "gen_ai.tool.call.result": NOTE,
    "gen_ai.response.id": NOTE,
    "llm.prompts": NOTE,
    f"gen_ai.{NOTE}": NOTE,
}


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini-2024-07-18"),
        ("anthropic", "claude-3-5-sonnet-20241022"),
        ("cohere", "command-r-plus-08-2024"),
    ],
)
def test_a_call_to_a_model_leaves_without_its_content(guard: Guard, provider: str, model: str):
    """Operation, model, provider and tokens leave; prompts, completions, tools' arguments and results never do."""
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("opentelemetry.instrumentation.openai_v2")
    named = {"gen_ai.provider.name": provider, "gen_ai.request.model": model, "gen_ai.response.model": model}
    span = tracer.start_span(f"chat {model}", kind=SpanKind.CLIENT, attributes={**KEPT, **named, **CONTENT})
    span.add_event("gen_ai.user.message", {"content": NOTE, "role": "user"})
    span.end()
    clean = SpanGuard(guard).clean(span)
    assert clean.name == f"chat {model}"
    assert dict(clean.attributes or {}) == {**KEPT, **named}
    assert all(NOTE not in str(event.attributes) for event in clean.events)


@pytest.mark.parametrize("model", ["ft:gpt-4o:clinic:dana", "claude-305123456", "dana", "gpt 4o"])
def test_a_model_of_ones_own_is_not_named(guard: Guard, model: str):
    """A model's name may be anybody's choice: only published families and versions leave."""
    kept, _ = guard.attributes.clean({"gen_ai.request.model": model}, "span_attribute")
    assert kept == {}
