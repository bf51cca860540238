"""Parts that the environment names and that fail: the SDK goes on without them.

The SDK logs several lines or a traceback; here it is one line, with which a strict start is refused.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

from pazpaz_otel import fail_closed, notices
from pazpaz_otel.errors import SettingsError

_REPORTS: Final = {
    ("opentelemetry.sdk._configuration", "_import_sampler"): "OTEL_TRACES_SAMPLER: the default is used",
    # It reports the same sampler once more.
    ("opentelemetry.sdk.trace.sampling", "_get_from_env_or_default"): None,
    **dict.fromkeys(
        (
            ("opentelemetry.sdk.resources", "_build_resource_detectors"),
            ("opentelemetry.sdk.resources", "get_aggregated_resources"),
        ),
        "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS: one is skipped",
    ),
    ("opentelemetry.util._providers", "_load_provider"): "OTEL_PYTHON_METER_PROVIDER can't be used",
}
"""What becomes of a part, by the logger and the function that report it."""
# Once names of loggers are proven, asking for them would read and keep the SDK's sources.
_LOGGERS: Final = [logging.getLogger(name) for name in {logger for logger, _ in _REPORTS}]

_skipped: Final[list[str]] = []


def watch() -> None:
    """Keep what the SDK logs of skipped parts for `report`; repeated calls are harmless."""
    for logger in _LOGGERS:
        logger.addFilter(_keep)


def report(*, strict: bool) -> None:
    """Print one line for each part that was skipped, or refuse the start; what is skipped later, the SDK says.

    Raises:
        SettingsError: a part was skipped, and the start is strict.
    """
    if strict and _skipped:
        raise SettingsError("; ".join(_skipped))
    for line in _skipped:
        notices.print_once(line)
    # The application may use the SDK's functions for parts of its own.
    for logger in _LOGGERS:
        logger.removeFilter(_keep)


def _keep(record: logging.LogRecord) -> bool:
    place = record.name, str(record.funcName)
    if place not in _REPORTS:
        return True
    # The record itself is guarded already. The exception is about what was configured, not about data.
    error, outcome = sys.exc_info()[1], _REPORTS[place]
    if error is not None and outcome is not None:
        _skipped.append(f"{outcome}: {fail_closed.describe(error)}")
    return False
