"""Whose code a frame runs: the application's, or that of a package between its statement and the guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

OURS: Final = ("pazpaz_otel.",)
EXPORTERS: Final = (*OURS, "opentelemetry.", "sentry_sdk.")
"""Packages whose handlers and exporters are guarded."""
LOGGING: Final = (*OURS, "logging.", "opentelemetry.instrumentation.logging.")
"""Packages between a log call and the record factory."""


def is_of(module: Mapping[str, Any], packages: tuple[str, ...]) -> bool:
    """Return whether a module is one of these packages, each with a dot behind it, or inside one."""
    return f"{module.get('__name__')}.".startswith(packages)


def first_outside(frame: FrameType | None, packages: tuple[str, ...]) -> FrameType | None:
    """Return the innermost frame, from this one outwards, that runs none of these packages."""
    # Spelled out, because a log call with values passes here for each of several frames.
    while frame is not None and f"{frame.f_globals.get('__name__')}.".startswith(packages):
        frame = frame.f_back
    return frame
