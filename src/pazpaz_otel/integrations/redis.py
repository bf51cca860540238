"""redis-py: commands, without their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, Wiring


def _prepare(wiring: Wiring) -> Mapping[str, Any]:
    if wiring.lean:
        from pazpaz_otel.integrations.lean.command import trace_lean  # noqa: PLC0415 - it imports redis

        trace_lean(wiring.guard)
    return {}


LIBRARY: Final = Library(
    name="redis", package="redis", instrumentors={"redis": _prepare}, standard=("redis",), late={"redis": "redis"}
)
