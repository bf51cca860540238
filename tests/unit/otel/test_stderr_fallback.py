"""The distribution's own lines."""

from __future__ import annotations

import logging
import logging.config
import sys
from typing import Any

import pytest

from pazpaz_otel.otel import stderr_fallback


def test_a_configuration_of_logging_does_not_mute_our_lines():
    """`dictConfig` with Python's default, which disables the loggers that it doesn't name, leaves ours."""
    enabled = [known for known in logging.root.manager.loggerDict.values() if not getattr(known, "disabled", True)]
    ours, theirs = logging.getLogger("pazpaz_otel.tests.muted"), logging.getLogger("somebody.muted")
    stderr_fallback.install()
    logging.config.dictConfig({"version": 1})
    assert (ours.disabled, theirs.disabled) == (False, True)
    assert ours.isEnabledFor(logging.ERROR)
    for known in [*enabled, theirs]:
        known.disabled = False


class _Closed:
    """A stream that takes nothing."""

    def write(self, _: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [None, _Closed()], ids=["none", "closed"])
def test_our_lines_break_nothing_where_they_cannot_be_written(monkeypatch: pytest.MonkeyPatch, stream: Any) -> None:
    """With standard error closed or absent, a line of ours is lost, and the code that logs goes on."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    stderr_fallback.install()
    monkeypatch.setattr(sys, "stderr", stream)
    logging.getLogger("pazpaz_otel.tests.unwritten").warning("a line of ours")
