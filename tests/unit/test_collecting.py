"""Garbage collection waits while telemetry starts, and no longer."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from pazpaz_otel import collecting


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_is_afterwards_as_it_was(monkeypatch: pytest.MonkeyPatch, enabled: bool) -> None:
    """It is off meanwhile and on again after an error, unless the application had turned it off."""
    states: list[bool] = []
    monkeypatch.setattr(gc, "isenabled", lambda: enabled)
    monkeypatch.setattr(gc, "disable", lambda: states.append(False))
    monkeypatch.setattr(gc, "enable", lambda: states.append(True))
    with suppress(LookupError), collecting.paused():
        assert states == [False]
        raise LookupError
    assert states == ([False, True] if enabled else [False])
