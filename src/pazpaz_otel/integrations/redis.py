"""redis-py: commands, without their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.integrations.library import Library, Wiring

if TYPE_CHECKING:
    from collections.abc import Mapping


def _prepare(wiring: Wiring) -> Mapping[str, Any]:
    if wiring.lean:
        from pazpaz_otel.integrations.lean.command import trace_lean  # noqa: PLC0415 - it imports redis

        trace_lean(wiring.guard)
    return {}


LIBRARY: Final = Library(
    name="redis", package="redis", instrumentors={"redis": _prepare}, standard=("redis",), late={"redis": "redis"}
)
