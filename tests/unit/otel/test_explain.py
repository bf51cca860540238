"""What a developer is told of dropped attributes, at a terminal of their own and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest
from opentelemetry.sdk.trace import Span, TracerProvider

from pazpaz_otel.otel.explain import explain
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.settings import Settings


class Terminal(io.StringIO):
    """Standard error, as a terminal or as a file."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def told(monkeypatch: pytest.MonkeyPatch, settings: Settings, *, is_terminal: bool) -> str:
    """What is written while a span gets three attributes, one of them twice."""
    terminal = Terminal(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    for name in ("set_attribute", "set_attributes"):
        monkeypatch.setattr(Span, name, getattr(Span, name))
    explain(settings, Guard(load_policy(), Evidence()))
    with TracerProvider(shutdown_on_exit=False).get_tracer(__name__).start_as_current_span("GET") as span:
        span.set_attribute("client.name", "Dvora")
        span.set_attribute("client.name", "Mizrahi")
        span.set_attributes({"workspace.id": "Dvora", "http.request.method": "GET"})
    return terminal.getvalue()


def test_each_dropped_key_is_explained_once(monkeypatch: pytest.MonkeyPatch):
    """The key, the place that set it, the reason and the cure; never the value, and nothing of what leaves."""
    lines = told(monkeypatch, Settings(explain=True), is_terminal=True).splitlines()
    assert len(lines) == 2
    assert "client.name is dropped, set at " in lines[0]
    assert "test_explain.py:" in lines[0]
    assert "to let it out: attributes: {client.name: <kind>}" in lines[0]
    assert "workspace.id is dropped" in lines[1]
    assert "its value isn't of kind uuid" in lines[1]
    assert "Dvora" not in "".join(lines)


@pytest.mark.parametrize(
    ("settings", "is_terminal"),
    [
        (Settings(explain=False), True),
        (Settings(explain=True), False),
        (Settings(explain=True, resource_attributes=(("deployment.environment.name", "production"),)), True),
    ],
    ids=["not asked for", "not a terminal", "not local"],
)
def test_elsewhere_nothing_is_told(monkeypatch: pytest.MonkeyPatch, settings: Settings, is_terminal: bool):
    """Unasked, into a file, or outside a local environment, no dropped key is shown."""
    assert told(monkeypatch, settings, is_terminal=is_terminal) == ""
