"""The distribution's own lines."""

from __future__ import annotations

import logging
import logging.config

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
