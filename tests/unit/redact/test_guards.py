"""What the guard caches."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from pazpaz_otel.redact import drops, guards

if TYPE_CHECKING:
    import pytest

    from pazpaz_otel.redact.guards import Guard


def test_an_unproven_scope_is_judged_again(guard: Guard, monkeypatch: pytest.MonkeyPatch):
    """A scope without a proven name is dropped and counted once a second, until a module of this name is loaded."""
    now = 1000.0
    monkeypatch.setattr(guards, "monotonic", lambda: now)
    scope = InstrumentationScope("ward_not_loaded")
    before = drops.snapshot().get(("scope", "unproven_text"), 0)
    assert {guard.scope(scope).name for _ in range(3)} == {""}  # type: ignore[union-attr]
    assert drops.snapshot()["scope", "unproven_text"] == before + 1
    module = ModuleType("ward_not_loaded")
    module.__spec__ = ModuleSpec("ward_not_loaded", None, origin="ward_not_loaded.py")
    monkeypatch.setitem(sys.modules, "ward_not_loaded", module)
    now += guards._UNPROVEN_LIFETIME + 0.1
    found = guard.scope(scope)
    assert found is not None
    assert found.name == "ward_not_loaded"
    assert guard.scope(scope) is found
