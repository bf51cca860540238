"""The second wall for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel.compile.collector.ottl import (
    PLACEHOLDER,
    TRUSTED,
    UNTRUSTED,
    bounded,
    free_text,
    literal_fields,
    matches,
    rebuilt,
    replaced,
    text,
)
from pazpaz_otel.compile.collector.wall import layer, resource_and_scope, unforgiving

if TYPE_CHECKING:
    from pazpaz_otel.policy import Policy

_SEVERITY_TEXT = (
    r"^(?:|(?i:trace|debug|info|notice|warn|warning|error|err|critical|crit|fatal|alert|emerg|notset|unspecified)"
    r"[1-4]?)$"
)


def wall(policy: Policy) -> dict[str, Any]:
    """Return the configuration layer."""
    transforms = {f"transform/{sender}_logs": _transform(policy, sender) for sender in (TRUSTED, UNTRUSTED)}
    return layer("logs", transforms, changed_in="log.attributes")


def _transform(policy: Policy, sender: str) -> dict[str, Any]:
    groups = [*resource_and_scope(policy, sender), {"statements": _record(policy, sender)}]
    return unforgiving("log_statements", groups)


def _record(policy: Policy, sender: str) -> list[str]:
    not_text = f"set(log.body, {text(PLACEHOLDER)}) where log.body != nil and not IsString(log.body)"
    return [
        *(literal_fields(policy) if sender == TRUSTED else ()),
        *rebuilt("log", policy, sender),
        not_text,
        free_text("log.body", sender) + ("" if sender == UNTRUSTED else " and log.body != nil"),
        free_text("log.event_name", sender, longest=256, strict=""),
        replaced("log.severity_text", matches("log.severity_text", _SEVERITY_TEXT), ""),
        bounded("log.severity_number", 24),
        bounded("log.flags", 255),
        bounded("log.dropped_attributes_count", 100_000),
    ]
