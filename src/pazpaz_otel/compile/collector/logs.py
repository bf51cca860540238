"""The second wall for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector.ottl import (
    DROPPED,
    PLACEHOLDER,
    TRUSTED,
    UNTRUSTED,
    attribute,
    bounded,
    free_text,
    literal_fields,
    matches,
    rebuilt,
    replaced,
    text,
)
from pazpaz_otel.compile.collector.wall import connectors, resource_and_scope, wall_pipelines

if TYPE_CHECKING:
    from pazpaz_otel.policy import Policy

_SEVERITY_TEXT = (
    r"^(?:|(?i:trace|debug|info|notice|warn|warning|error|err|critical|crit|fatal|alert|emerg|notset|unspecified)"
    r"[1-4]?)$"
)


def wall(policy: Policy) -> dict[str, Any]:
    """Return the configuration layer."""
    changed = f"{attribute('log.attributes', DROPPED)} != nil or {attribute('resource.attributes', DROPPED)} != nil"
    return {
        "processors": {
            **{f"transform/{sender}_logs": _transform(policy, sender) for sender in (TRUSTED, UNTRUSTED)},
            "filter/logs_changed": {"error_mode": "propagate", "log_conditions": [changed]},
        },
        "connectors": connectors("logs"),
        "service": {"pipelines": wall_pipelines("logs")},
    }


def _transform(policy: Policy, sender: str) -> dict[str, Any]:
    return {
        "error_mode": "propagate",
        "log_statements": [*resource_and_scope(policy, sender), {"statements": _record(policy, sender)}],
    }


def _record(policy: Policy, sender: str) -> list[str]:
    not_text = f"set(log.body, {text(PLACEHOLDER)}) where log.body != nil and not IsString(log.body)"
    return [
        *(literal_fields("log", policy) if sender == TRUSTED else ()),
        *rebuilt("log", policy, sender),
        not_text,
        free_text("log.body", sender) + ("" if sender == UNTRUSTED else " and log.body != nil"),
        free_text("log.event_name", sender, longest=256, strict=""),
        replaced("log.severity_text", matches("log.severity_text", _SEVERITY_TEXT), ""),
        bounded("log.severity_number", 0, 24),
        bounded("log.flags", 0, 255),
        bounded("log.dropped_attributes_count", 0, 100_000),
    ]
