"""Garbage collection waits while telemetry starts, and no longer."""

from __future__ import annotations

import gc
import subprocess
import sys
from contextlib import suppress

import pytest

from pazpaz_otel import distro

_MADE = "import gc\nfrom pazpaz_otel import distro\nwith distro._without_collection(): made = [[]]\n"


def _printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_is_afterwards_as_it_was(monkeypatch: pytest.MonkeyPatch, enabled: bool) -> None:
    """It is off meanwhile and on again after an error, unless the application had turned it off."""
    states: list[bool] = []
    monkeypatch.setattr(gc, "isenabled", lambda: enabled)
    monkeypatch.setattr(gc, "disable", lambda: states.append(False))
    monkeypatch.setattr(gc, "enable", lambda: states.append(True))
    with suppress(LookupError), distro._without_collection():
        assert states == [False]
        raise LookupError
    assert states == ([False, True] if enabled else [False])


def test_what_is_imported_counts_as_old() -> None:
    """No collection of young objects walks what the start made."""
    assert _printed(f"{_MADE}print(any(item is made for item in gc.get_objects(generation=2)))") == "True"


def test_what_the_application_froze_stays_frozen() -> None:
    """A server that freezes its objects before it forks keeps its memory shared."""
    assert _printed(f"import gc\ngc.freeze()\n{_MADE}print(gc.get_freeze_count() > 0)") == "True"
