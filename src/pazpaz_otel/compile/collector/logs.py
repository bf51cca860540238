"""The second wall for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector.ottl import (
    PLACEHOLDER,
    bounded,
    free_text,
    is_text,
    literal_fields,
    matches,
    rebuilt,
    replaced,
    text,
)
from pazpaz_otel.compile.collector.wall import layer, resource_and_scope

if TYPE_CHECKING:
    from pazpaz_otel.policy import Policy

_SEVERITY_TEXT = (
    r"^(?:|(?i:trace|debug|info|notice|warn|warning|error|err|critical|crit|fatal|alert|emerg|notset|unspecified)"
    r"[1-4]?)$"
)


def wall(policy: Policy) -> dict[str, Any]:
    """Return the configuration layer."""
    return layer("logs", [*resource_and_scope(policy), {"statements": _record(policy)}], changed_in="log.attributes")


def _record(policy: Policy) -> list[str]:
    return [
        *literal_fields(policy),
        *rebuilt("log", policy),
        f"set(log.body, {text(PLACEHOLDER)}) where log.body != nil and not {is_text('log.body')}",
        *free_text("log.body"),
        *free_text("log.event_name", longest=256, strict=""),
        replaced("log.severity_text", matches("log.severity_text", _SEVERITY_TEXT), ""),
        bounded("log.severity_number", 24),
        bounded("log.flags", 255),
        bounded("log.dropped_attributes_count", 100_000),
    ]
